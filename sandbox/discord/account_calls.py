"""The endpoints about the app itself: who it is, its commands, its servers, its gateway."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.discord.bodies import read_json
from sandbox.discord.commands import Registry
from sandbox.discord.gateway import Gateway
from sandbox.discord.refusals import Raw, Refused, missing_access
from sandbox.discord.rest import Rest
from sandbox.discord.state import Server, World

SESSIONS_A_DAY = 1000


@dataclass(slots=True)
class AccountCalls:
    """Everything the bot asks about itself and where it is."""

    world: World
    commands: Registry
    gateway: Gateway
    shards: int = 1

    def routes(self, rest: Rest) -> list[web.RouteDef]:
        """Give the routes of this family."""
        everywhere = "/applications/{application}/commands"
        in_server = "/applications/{application}/guilds/{guild}/commands"
        found = [
            rest.route("GET", "/users/@me", self.me),
            rest.route("GET", "/users/{user}", self.user),
            rest.route("GET", "/oauth2/applications/@me", self.application),
            rest.route("GET", "/applications/@me", self.application),
            rest.route("GET", "/applications/{application}/skus", self.none),
            rest.route("GET", "/applications/{application}/entitlements", self.none),
            rest.route("GET", "/gateway", self.address),
            rest.route("GET", "/gateway/bot", self.address_for_bots),
            rest.route("GET", "/guilds/{guild}", self.server),
            rest.route("GET", "/guilds/{guild}/channels", self.channels),
            rest.route("GET", "/guilds/{guild}/roles", self.roles),
            rest.route("GET", "/guilds/{guild}/members/{user}", self.member),
        ]
        for path in (everywhere, in_server):
            found += [
                rest.route("GET", path, self.registered),
                rest.route("PUT", path, self.overwrite),
                rest.route("POST", path, self.add),
            ]
        return found

    async def me(self, _: web.Request) -> Any:
        """Show the bot's account."""
        return self.world.bot.raw() | {"verified": True, "mfa_enabled": True, "locale": "en-US"}

    async def user(self, request: web.Request) -> Any:
        """Show anybody's account."""
        user = self.world.users.get(request.match_info["user"])
        if user is None:
            raise Refused(404, 10013, "Unknown User")
        return user.raw()

    async def application(self, _: web.Request) -> Any:
        """Show the application and its owner."""
        servers = sum(server.has_bot for server in self.world.servers.values())
        return {
            "icon": None,
            "team": None,
            "type": None,
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "id": self.world.bot.id,
            "name": self.world.bot.global_name,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": self.world.owner.raw(),
            "flags": 0,
            "flags_new": "0",
            "redirect_uris": [],
            "approximate_guild_count": servers,
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": [],
            "summary": "",
        }

    async def none(self, _: web.Request) -> Any:
        """Show that nothing is sold here."""
        return []

    async def address(self, _: web.Request) -> Any:
        """Tell where the gateway is."""
        return {"url": self.gateway.url}

    async def address_for_bots(self, _: web.Request) -> Any:
        """Tell where the gateway is and how many sessions may begin."""
        left = SESSIONS_A_DAY - len(self.gateway.sessions)
        start = {"total": SESSIONS_A_DAY, "remaining": left, "max_concurrency": 1}
        start["reset_after"] = 86_400_000
        return {"url": self.gateway.url, "shards": self.shards, "session_start_limit": start}

    async def server(self, request: web.Request) -> Any:
        """Show a server."""
        server = self._server(request)
        return server.raw(server.members[self.world.bot.id].joined, self.world.bot.id)

    async def channels(self, request: web.Request) -> Any:
        """List a server's channels."""
        return [channel.raw() for channel in self._server(request).channels.values()]

    async def roles(self, request: web.Request) -> Any:
        """List a server's roles."""
        return [role.raw() for role in self._server(request).roles.values()]

    async def member(self, request: web.Request) -> Any:
        """Show a member of a server."""
        member = self._server(request).members.get(request.match_info["user"])
        if member is None:
            raise Refused(404, 10007, "Unknown Member")
        return member.raw()

    async def registered(self, request: web.Request) -> Any:
        """List the commands of a scope."""
        return list(self.commands.scopes.get(self._scope(request), {}).values())

    async def overwrite(self, request: web.Request) -> Any:
        """Register a scope's commands, all of them."""
        written = self.commands.overwrite(self._scope(request), await read_json(request))
        return self._told(written)

    async def add(self, request: web.Request) -> Any:
        """Register one command."""
        command = self.commands.add(self._scope(request), await read_json(request))
        return self._told([command])[0]

    def _told(self, written: list[Raw]) -> list[Raw]:
        self.world.tell("commands", written)
        return written

    def _scope(self, request: web.Request) -> str | None:
        if request.match_info["application"] != self.world.bot.id:
            raise Refused(403, 20012, "You are not authorized to perform this action")
        return self._server(request).id if "guild" in request.match_info else None

    def _server(self, request: web.Request) -> Server:
        server = self.world.servers.get(request.match_info["guild"])
        if server is None:
            raise Refused(404, 10004, "Unknown Guild")
        if not server.has_bot:
            raise missing_access()
        return server

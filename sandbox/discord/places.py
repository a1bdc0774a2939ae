"""Building the world: servers, channels, roles and people, also while the bot is online."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.clock import Clock
from sandbox.discord.gateway import Gateway
from sandbox.discord.messages import Messages
from sandbox.discord.permissions import NOTHING, May
from sandbox.discord.refusals import Raw
from sandbox.discord.snowflake import Snowflakes
from sandbox.discord.state import TEXT_CHANNEL, Channel, Member, Role, Server, User, World

MUTED = May.SEND_MESSAGES | May.ATTACH_FILES
MANAGERS = "Managers"


@dataclass(slots=True)
class Places:
    """Adds to the world, and lets the bot know what it would hear of."""

    world: World
    clock: Clock
    snowflakes: Snowflakes
    gateway: Gateway
    messages: Messages

    def add_server(self, name: str, *, has_bot: bool = True, tier: int = 0) -> Server:
        """Found a server; without the bot, only people who installed the app can use it there."""
        server = Server(self.snowflakes.next(), name, self.world.owner.id, has_bot, tier)
        self.world.servers[server.id] = server
        if has_bot:
            self.join(self.world.bot, server)
        for session in self.gateway.sessions.values():
            if has_bot and session.owns(server.id):
                self.gateway.guild_create(session, server.id)
        self.world.tell("places", server)
        return server

    def add_channel(
        self,
        server: Server,
        name: str,
        *,
        topic: str | None = None,
        kind: int = TEXT_CHANNEL,
        bot_may_write: bool = True,
        only: Iterable[str] = (),
    ) -> Channel:
        """Open a channel; `only` names the roles that see it, if not everybody does."""
        place = len(server.channels)
        channel = Channel(self.snowflakes.next(), name, server, topic, place, kind)
        if not bot_may_write:
            channel.overwrites[self.world.bot.id] = (May(0), MUTED)
        if only:
            channel.overwrites[server.id] = (May(0), May.VIEW_CHANNEL)
            allowed = [self.world.bot.id, *(server.role(name).id for name in only)]
            channel.overwrites |= dict.fromkeys(allowed, (May.VIEW_CHANNEL, May(0)))
        server.channels[channel.id] = self.world.channels[channel.id] = channel
        self._tell(server, "CHANNEL_CREATE", channel.raw())
        return channel

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with everything in it."""
        del self.world.channels[channel.id]
        if channel.server is not None:
            del channel.server.channels[channel.id]
            self._tell(channel.server, "CHANNEL_DELETE", channel.raw())

    def add_role(
        self, server: Server, name: str, *, permissions: May = NOTHING, color: int = 0
    ) -> Role:
        """Make a role."""
        role = Role(self.snowflakes.next(), name, permissions, color, len(server.roles))
        server.roles[role.id] = role
        self._tell(server, "GUILD_ROLE_CREATE", {"guild_id": server.id, "role": role.raw()})
        return role

    def delete_role(self, role: Role, server: Server) -> None:
        """Delete a role; nobody has it any more."""
        del server.roles[role.id]
        for member in server.members.values():
            member.roles = [one for one in member.roles if one is not role]
        self._tell(server, "GUILD_ROLE_DELETE", {"guild_id": server.id, "role_id": role.id})

    def leave(self, user: User, server: Server) -> None:
        """Let somebody leave a server; without the members intent the bot does not hear of it."""
        del server.members[user.id]
        self.world.tell("places", server)

    def add_user(self, name: str, *, locale: str = "en-US", dms_open: bool = True) -> User:
        """Register an account, and the conversation it can have with the bot."""
        username = name.lower()
        user = User(self.snowflakes.next(), username, name, locale=locale, dms_open=dms_open)
        self.world.users[user.id] = user
        channel = Channel(self.snowflakes.next(), username, recipient=user)
        self.world.channels[channel.id] = channel
        return user

    def join(self, user: User, server: Server, roles: Iterable[str] = ()) -> Member:
        """Let somebody into a server, with roles by name."""
        given = [server.role(name) for name in roles]
        member = Member(user, server, self.clock.now(), given)
        server.members[user.id] = member
        return member

    def make_manager(self, member: Member) -> None:
        """Give a member the role that may manage the server."""
        found = [role for role in member.server.roles.values() if role.name == MANAGERS]
        self.give(member, found[0] if found else self.add_managers(member.server))

    def add_managers(self, server: Server) -> Role:
        """Make the role that may manage the server."""
        return self.add_role(server, MANAGERS, permissions=May.MANAGE_GUILD, color=0xE06C9F)

    def give(self, member: Member, role: Role) -> None:
        """Give a member a role; without the members intent the bot does not hear of it."""
        member.roles.append(role)
        self.world.tell("places", member)

    def take(self, member: Member, role: Role) -> None:
        """Take a role from a member."""
        member.roles.remove(role)
        self.world.tell("places", member)

    def _tell(self, server: Server, event: str, raw: Raw) -> None:
        for session in self.gateway.sessions.values():
            if server.has_bot and session.owns(server.id):
                session.dispatch(event, raw)
        self.world.tell("places", server)

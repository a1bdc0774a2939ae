"""The money side of the small bot of the page's tests: options, menus, forms of every kind."""

import io
from datetime import UTC, datetime
from typing import Any

import discord
from discord import app_commands, ui
from typing_extensions import override

budget = app_commands.Group(
    name="budget",
    description="Limits and who may spend",
    guild_only=True,
    default_permissions=discord.Permissions(manage_guild=True),
)
team = app_commands.Group(name="team", description="Teams share a limit", parent=budget)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
CSV = b"person,spent\nben,0.08\n"


@team.command(description="Make a team")
@app_commands.describe(
    lead="Who leads it", role="Whose members join", where="Its channel", whom="Who hears of it"
)
async def create(
    interaction: discord.Interaction,
    lead: discord.Member,
    role: discord.Role,
    where: discord.TextChannel | None = None,
    whom: discord.Member | discord.Role | None = None,
    amount: app_commands.Range[float, 0.01, 100.0] = 1.0,
) -> None:
    place = where.mention if where else "everywhere"
    told = f"Team of {lead.mention}: {role.mention} in {place} has ${amount:.2f}"
    told += f" and {whom.mention} knows" if whom else ""
    await interaction.response.send_message(told)


@budget.command(description="Send the numbers of this month")
async def report(interaction: discord.Interaction) -> None:
    assert interaction.guild
    blue = discord.utils.get(interaction.guild.roles, name="Team Blue")
    channel = discord.utils.get(interaction.guild.channels, name="budget")
    assert blue
    assert channel
    due = discord.utils.format_dt(LATER, "R")
    told = f"{blue.mention}, see {channel.mention}. The last one comes {due}."
    file = discord.File(io.BytesIO(CSV), "report.csv")
    await interaction.response.send_message(
        told, file=file, allowed_mentions=discord.AllowedMentions.all()
    )


class Grant(ui.Modal, title="Grant credit"):
    """A form that is filled in already."""

    def __init__(self, person: discord.Member) -> None:
        super().__init__()
        self.amount: ui.TextInput[Any] = ui.TextInput(default="2.50", min_length=1, max_length=10)
        self.person: ui.UserSelect[Any] = ui.UserSelect(default_values=[person])
        self.role: ui.RoleSelect[Any] = ui.RoleSelect(required=False, placeholder="No role")
        self.where: ui.ChannelSelect[Any] = ui.ChannelSelect(
            max_values=2, channel_types=[discord.ChannelType.text]
        )
        fields: dict[str, ui.Item[Any]] = {
            "Amount in dollars": self.amount,
            "Person": self.person,
            "Role": self.role,
            "Channels": self.where,
        }
        for text, field in fields.items():
            self.add_item(ui.Label(text=text, component=field))

    @override
    async def on_submit(self, interaction: discord.Interaction) -> None:
        chosen: list[list[Any]] = [self.person.values, self.role.values, self.where.values]
        names = [", ".join(one.name for one in each) or "nobody" for each in chosen]
        told = " | ".join([self.amount.value, *names])
        await interaction.response.send_message(told, ephemeral=True)


class Choose(ui.LayoutView):
    """A panel with a select of each kind that Discord fills."""

    def __init__(self, told: str = "Nothing is chosen yet.") -> None:
        super().__init__(timeout=None)
        text: ui.TextDisplay[Choose] = ui.TextDisplay(f"## Alerts\n{told}")
        box: ui.Container[Choose] = ui.Container(text, accent_color=0xE06C9F)
        for kind, words in {
            ui.UserSelect: "Who is told",
            ui.RoleSelect: "Which roles",
            ui.MentionableSelect: "Anybody at all",
            ui.ChannelSelect: "Where",
        }.items():
            box.add_item(ui.ActionRow(chooser(kind, words)))
        self.add_item(box)


def chooser(kind: Any, words: str) -> Any:
    """Give a select that writes what was chosen into the panel."""

    class Chosen(kind):  # type: ignore[misc]  # one class for every kind of select
        @override
        async def callback(self, interaction: discord.Interaction) -> None:
            names = ", ".join(one.name for one in self.values)
            await interaction.response.edit_message(view=Choose(f"{words}: {names}"))

    return Chosen(placeholder=words, max_values=2)


@budget.command(description="Choose who hears of what")
async def alerts(interaction: discord.Interaction) -> None:
    await interaction.response.send_message(view=Choose(), ephemeral=True)


@app_commands.context_menu(name="View usage")
async def usage(interaction: discord.Interaction, person: discord.Member) -> None:
    names = ", ".join(role.name for role in person.roles[1:]) or "no role"
    await interaction.response.send_message(f"{person.name} has {names}", ephemeral=True)


@app_commands.context_menu(name="Grant credit")
@app_commands.default_permissions(manage_guild=True)
async def grant(interaction: discord.Interaction, person: discord.Member) -> None:
    await interaction.response.send_modal(Grant(person))

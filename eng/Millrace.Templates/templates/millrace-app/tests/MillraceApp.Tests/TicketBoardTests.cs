namespace App1Space.Tests;

/// <summary>Tests the whole application on a store in memory, with a command, its events and the read model.</summary>
public sealed class TicketBoardTests
{
    private static readonly TicketId Printer = new("T-1");

    [Fact]
    public async Task The_board_shows_who_works_on_a_ticket() => await Specification.ForHost<AppModel>()
        .Given<Ticket>(Printer, new TicketOpened(Printer, "The printer is on fire"))
        .When(new AssignTicket(Printer, "Ada"))
        .Then(new TicketAssigned(Printer, "Ada"))
        .ThenReadModel(Printer, new TicketCard(Printer, "The printer is on fire", "Ada"));

    [Fact]
    public async Task A_closed_ticket_leaves_the_board() => await Specification.ForHost<AppModel>()
        .Given<Ticket>(Printer, new TicketOpened(Printer, "The printer is on fire"))
        .When(new CloseTicket(Printer, "Replaced"))
        .ThenNoReadModel<TicketId, TicketCard>(Printer);
}

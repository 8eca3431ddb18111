namespace App1Space;

/// <summary>An open ticket on the board.</summary>
public sealed record TicketCard(TicketId Ticket, string Title, string? Person);

/// <summary>
/// The open tickets. <c>Key</c> selects the card that an event changes, and <c>Apply</c> returns the changed card. A
/// null value removes the card from the board.
/// </summary>
[Projection("ticket-board")]
public sealed partial class TicketBoard : Projection<TicketId, TicketCard>
{
    public static TicketId Key(TicketOpened opened) => opened.Ticket;

    public static TicketId Key(TicketAssigned assigned) => assigned.Ticket;

    public static TicketId Key(TicketClosed closed) => closed.Ticket;

    public static TicketCard? Apply(TicketCard? card, TicketOpened opened) => new(opened.Ticket, opened.Title, null);

    public static TicketCard? Apply(TicketCard? card, TicketAssigned assigned) =>
        card is null ? null : card with { Person = assigned.Person };

    public static TicketCard? Apply(TicketCard? card, TicketClosed closed) => null;
}

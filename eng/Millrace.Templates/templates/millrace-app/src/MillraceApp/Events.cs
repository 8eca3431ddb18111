namespace App1Space;

/// <summary>
/// The model of the application. A generator adds all events, commands and read models of this project.
/// </summary>
[Model] public sealed partial class AppModel;

[Id<string>] public readonly partial record struct TicketId;

[Event("ticket.opened")] public sealed record TicketOpened(TicketId Ticket, string Title);

[Event("ticket.assigned")] public sealed record TicketAssigned(TicketId Ticket, string Person);

[Event("ticket.closed")] public sealed record TicketClosed(TicketId Ticket, string Resolution);

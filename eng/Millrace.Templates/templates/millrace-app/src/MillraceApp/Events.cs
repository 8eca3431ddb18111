namespace App1Space;

/// <summary>The model: a generator fills it with all events, commands and read models of this project.</summary>
[Model] public sealed partial class AppModel;

[Id<string>] public readonly partial record struct TicketId;

[Event("ticket.opened")] public sealed record TicketOpened(TicketId Ticket, string Title);

[Event("ticket.assigned")] public sealed record TicketAssigned(TicketId Ticket, string Person);

[Event("ticket.closed")] public sealed record TicketClosed(TicketId Ticket, string Resolution);

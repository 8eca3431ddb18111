var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMillrace(millrace => millrace
    .UseSqlite(builder.Configuration["Store"] ?? "tickets.db")
    .AddModel<AppModel>());
builder.Services.AddMillraceProblemDetails();

var app = builder.Build();
app.UseMillraceProblemDetails();
app.MapCommand<OpenTicket>("/tickets/open");
app.MapCommand<AssignTicket>("/tickets/assign");
app.MapCommand<CloseTicket>("/tickets/close");
app.MapGet(
    "/tickets",
    (RequestToken after, IReadModel<TicketId, TicketCard> board, CancellationToken stop) =>
        board.Query(new ReadQuery { Limit = 100 }, after, stop).ToResult());
app.MapGet(
    "/tickets/{ticket}",
    (TicketId ticket, RequestToken after, IReadModel<TicketId, TicketCard> board, CancellationToken stop) =>
        board.Get(ticket, after, stop).ToResult());
app.Run();

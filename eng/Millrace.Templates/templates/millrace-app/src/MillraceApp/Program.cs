//#if (storage == "hybrid")
using Millrace.Storage.Objects;

//#endif
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMillrace(millrace => millrace
//#if (UsesFile)
    .UseSqlite(builder.Configuration["Store"] ?? "tickets.db")
//#else
    .UsePostgreSql(builder.Configuration["Store"] ?? "Host=localhost;Database=tickets")
//#endif
//#if (storage == "in-memory-with-persistence")
    .KeepLogInMemory()
//#endif
//#if (storage == "event-store-with-caching" || storage == "hybrid")
    .UseEventCache()
//#endif
//#if (storage == "hybrid")
    .UseBackup(new DirectoryObjectStorage(builder.Configuration["Backups"] ?? "backups"))
//#endif
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

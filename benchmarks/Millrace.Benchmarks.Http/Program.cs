using Millrace.Benchmarks.Http;
using Millrace.Benchmarks.Http.Peers;

// One of the applications that are compared: APP URL. The database comes in the environment, as it may hold a password.
var database = Environment.GetEnvironmentVariable("MILLRACE_BENCH_DATABASE")
    ?? throw new InvalidOperationException("MILLRACE_BENCH_DATABASE must hold the connection string.");
if (args is ["marten-append", .. var numbers])
{
    await MartenAppends.Run(database, numbers);
    return;
}
if (args is not [var name, var url])
    throw new InvalidOperationException("Usage: Millrace.Benchmarks.Http APP URL | marten-append WRITERS EVENTS APPENDS");

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Critical);
builder.WebHost.UseUrls(url);
await using var app = name switch
{
    "bare" => await BareApplication.Build(builder, database),
    "millrace" => MillraceApplication.Build(builder, database, ProjectionLifecycle.Inline),
    "millrace-async" => MillraceApplication.Build(builder, database, ProjectionLifecycle.Asynchronous),
    "marten" => MartenApplication.Build(builder, database),
    "wolverine" => WolverineApplication.Build(builder, database),
    "idle-postgresql" => IdleApplication.OnPostgreSql(builder, database),
    "idle-sqlite" => IdleApplication.OnSqlite(builder, database),
    _ => throw new InvalidOperationException($"'{name}' is not an application."),
};
app.MapGet("/ready", () => "ready");
await app.RunAsync();

using System.Globalization;
using Millrace.Benchmarks.Http;
using Millrace.Benchmarks.Http.Peers;

// Runs one of the compared applications. The arguments are its name and its URL. The connection string is in an
// environment variable, because it may contain a password.
var database = Environment.GetEnvironmentVariable("MILLRACE_BENCH_DATABASE")
    ?? throw new InvalidOperationException("MILLRACE_BENCH_DATABASE must contain the connection string.");
if (args is ["marten", var load, .. var numbers])
{
    await MartenPeer.Run(
        database, load, Array.ConvertAll(numbers, static text => int.Parse(text, CultureInfo.InvariantCulture)));
    return;
}
if (args is not [var name, var url])
    throw new InvalidOperationException("Usage: Millrace.Benchmarks.Http APP URL | marten LOAD NUMBERS");

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Critical);
builder.WebHost.UseUrls(url);
await using var app = name switch
{
    "bare" => await RawApplication.Build(builder, database),
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

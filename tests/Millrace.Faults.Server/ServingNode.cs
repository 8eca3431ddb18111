using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Faults;

/// <summary>
/// Serves a store over HTTP. Each response is one line with the result of an append or the content of a stream.
/// </summary>
public sealed class ServingNode : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly int _wrongAnswerInterval;
    private int _appends;

    private ServingNode(WebApplication application, int wrongAnswerInterval) =>
        (_application, _wrongAnswerInterval) = (application, wrongAnswerInterval);

    /// <summary>Gets a task that completes when the node has stopped after SIGTERM.</summary>
    public Task Stopped { get; private set; } = Task.CompletedTask;

    /// <summary>Opens the store and starts to serve requests.</summary>
    /// <param name="connection">The connection string.</param>
    /// <param name="port">The port to listen on.</param>
    /// <param name="wrongAnswerInterval">
    /// The interval at which the node acknowledges an append without writing it, or 0 for never.
    /// </param>
    public static async Task<ServingNode> Start(string connection, int port, int wrongAnswerInterval)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.TimestampFormat = "HH:mm:ss.fff ")
            .SetMinimumLevel(LogLevel.Warning).AddFilter("Millrace", LogLevel.Information);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddMillrace(millrace => Configure(millrace, connection));
        builder.Services.AddMillraceProbes();
        var application = builder.Build();
        var node = new ServingNode(application, wrongAnswerInterval);
        application.MapGet("/ready", () => "READY");
        application.MapMillraceProbes();
        application.MapPost("/append", node.Append);
        application.MapGet("/read", node.Read);
        await application.StartAsync();
        node.Stopped = application.WaitForShutdownAsync();
        return node;
    }

    /// <summary>
    /// Configures the store with short leases, so that another node soon takes over the work of a killed node.
    /// </summary>
    public static MillraceBuilder Configure(MillraceBuilder millrace, string connection)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        return millrace
            .UsePostgreSql(options => options.ConnectionString = connection)
            .AddModel<NoteBook>()
            .AddLogAudit(options =>
            {
                options.Every = TimeSpan.FromMilliseconds(200);
                options.LookBackEvery = TimeSpan.FromSeconds(1);
            })
            .ConfigureConsumers(options =>
            {
                options.LeaseDuration = TimeSpan.FromSeconds(3);
                options.LookEvery = TimeSpan.FromMilliseconds(200);
                options.MaxRetryDelay = TimeSpan.FromSeconds(1);
            });
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task<IResult> Append(
        HttpContext http, string stream, long expected, string ids, int writer, long number)
    {
        var expectedVersion = expected < 0 ? ExpectedVersion.Any : ExpectedVersion.AsRead(expected);
        var note = new NoteWritten(stream, writer, number);
        var events = Array.ConvertAll(ids.Split(','), id => (object)new NewEvent(note) { Id = Guid.Parse(id) });
        if (_wrongAnswerInterval > 0
            && expected >= 0
            && Interlocked.Increment(ref _appends) % _wrongAnswerInterval == 0)
            return Answer($"OK {expected + events.Length} {number}");
        try
        {
            var store = http.RequestServices.GetRequiredService<EventStore>();
            var result = await store.Append(new StreamId(stream), expectedVersion, events, CancellationToken.None);
            return Answer($"OK {result.Version} {result.Position}");
        }
        catch (VersionConflictException conflict)
        {
            return Answer($"CONFLICT {conflict.Actual}");
        }
        catch (MillraceException failure)
        {
            return Failed(failure);
        }
    }

    private async Task<IResult> Read(HttpContext http, string stream)
    {
        try
        {
            var ids = new List<Guid>();
            await foreach (var recorded in http.RequestServices.GetRequiredService<EventStore>()
                .ReadStream(new StreamId(stream)).WithCancellation(http.RequestAborted))
                ids.Add(recorded.Id);
            return Answer($"READ {string.Join(',', ids)}");
        }
        catch (StreamNotFoundException)
        {
            return Answer("READ ");
        }
        catch (MillraceException failure)
        {
            return Failed(failure);
        }
    }

    private static IResult Answer(string line) => Results.Text(line);

    /// <summary>Returns an error instead of a result. The client then repeats the request with the same ids.</summary>
    private static IResult Failed(MillraceException failure) => Results.Text(
        $"FAILED {failure.GetType().Name} {(failure as StorageException)?.Problem} {failure.Message}",
        statusCode: StatusCodes.Status503ServiceUnavailable);
}

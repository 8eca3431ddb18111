using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Storage.Objects;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests the answers to reads of archived events whose place is lost.</summary>
public sealed class ArchiveProblemTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-archive-http-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_place_that_is_not_mounted_is_a_503_that_is_logged_once_a_minute(bool hasMountPoint)
    {
        using var log = new RecordedLog(LogLevel.Warning);
        await using var app = await Start(log);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Directory.Move(Place, Place + "-elsewhere");
        if (hasMountPoint)
            Directory.CreateDirectory(Place);

        using var lost = await client.GetAsync("/notes");
        using var again = await client.GetAsync("/notes");
        var lostProblem = await lost.Problem();
        if (hasMountPoint)
            Directory.Delete(Place);
        Directory.Move(Place + "-elsewhere", Place);
        var read = await client.GetStringAsync("/notes");

        Assert.Equal((503, "archive-unavailable"), lostProblem);
        Assert.Equal(TimeSpan.FromSeconds(5), lost.Headers.RetryAfter?.Delta);
        Assert.Equal((503, "archive-unavailable"), await again.Problem());
        Assert.Single(log.Exceptions, static entry => entry.Id == 4503);
        Assert.Equal("3", read);
    }

    [Fact]
    public async Task A_damaged_segment_is_a_typed_500()
    {
        using var log = new RecordedLog(LogLevel.Warning);
        await using var app = await Start(log);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var file = Assert.Single(Directory.GetFiles(Place, "*.parquet", SearchOption.AllDirectories));
        await File.WriteAllBytesAsync(file, [1, 2, 3]);

        using var damaged = await client.GetAsync("/notes");

        Assert.Equal((500, "archive-damaged"), await damaged.Problem());
        Assert.Single(log.Exceptions, static entry => entry.Id == 4501);
    }

    [Fact]
    public async Task A_place_that_denies_access_is_a_500_until_its_rights_are_corrected()
    {
        using var log = new RecordedLog(LogLevel.Warning);
        Directory.CreateDirectory(Place);
        var place = new DeniedPlace(new DirectoryObjectStorage(Place));
        await using var app = await Start(log, place);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        place.IsDenied = true;

        using var denied = await client.GetAsync("/notes");
        var problem = await denied.Problem();
        place.IsDenied = false;

        Assert.Equal((500, "archive-failed"), problem);
        Assert.Null(denied.Headers.RetryAfter);
        Assert.Single(log.Exceptions, static entry => entry.Id == 4501);
        Assert.Equal("3", await client.GetStringAsync("/notes"));
    }

    [Fact]
    public async Task The_applications_own_storage_is_not_reported_as_the_archive()
    {
        using var log = new RecordedLog(LogLevel.Warning);
        await using var app = await Start(log);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var failed = await client.GetAsync("/photos");

        Assert.Equal((503, "busy"), await failed.Problem());
        Assert.DoesNotContain(log.Exceptions, static entry => entry.Id == 4503);
    }

    [Fact]
    public async Task The_log_is_limited_also_if_each_call_gets_another_logger()
    {
        using var log = new RecordedLog(LogLevel.Warning);
        await using var app = await Start(log, loggers: new NewLoggers(log));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Directory.Move(Place, Place + "-elsewhere");

        using var lost = await client.GetAsync("/notes");
        using var again = await client.GetAsync("/notes");

        Assert.Equal((503, "archive-unavailable"), await again.Problem());
        Assert.Single(log.Exceptions, static entry => entry.Id == 4503);
    }

    private string Place => Path.Combine(_directory, "archive");

    private async Task<WebApplication> Start(
        RecordedLog log, IObjectStorage? place = null, ILoggerFactory? loggers = null)
    {
        Directory.CreateDirectory(Place);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddMillrace(millrace => millrace
            .UseInMemory()
            .UseArchive(place ?? new DirectoryObjectStorage(Place)));
        if (loggers is not null)
            builder.Services.AddSingleton(loggers);
        builder.Services.AddMillraceProblemDetails();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseMillraceProblemDetails();
        app.MapGet("/notes", async (EventStore store, CancellationToken stop) =>
            await store.ReadStream(new StreamId("note-1"), cancellationToken: stop).CountAsync(stop));
        app.MapGet("/photos", IResult () => throw new ObjectStorageException(
            "The bucket of photos does not answer.", ObjectStorageProblem.Unavailable));
        await app.StartAsync();
        var store = app.Services.GetRequiredService<EventStore>();
        for (var i = 0; i < 3; i++)
            await store.Append(
                new StreamId("note-1"), ExpectedVersion.Any, [NewEvent.FromBytes("note.kept", "{}"u8.ToArray())]);
        await app.Services.GetRequiredService<StoreArchive>().Run(new ArchiveSelection { Streams = "note-*" });
        return app;
    }

    /// <summary>A place that can deny reads.</summary>
    private sealed class DeniedPlace(IObjectStorage inner) : IObjectStorage
    {
        public bool IsDenied { get; set; }

        public string Description => inner.Description;

        public ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            inner.Put(name, content, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken) => IsDenied
            ? throw new ObjectStorageException("The key has no right to read.", ObjectStorageProblem.Denied)
            : inner.Get(name, cancellationToken);

        public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken) =>
            inner.List(prefix, cancellationToken);

        public ValueTask Delete(string name, CancellationToken cancellationToken) =>
            inner.Delete(name, cancellationToken);
    }

    /// <summary>A factory that returns another logger with each call.</summary>
    private sealed class NewLoggers(ILogger log) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => new Relay(log);

        public void Dispose()
        {
        }

        private sealed class Relay(ILogger log) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter) => log.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}

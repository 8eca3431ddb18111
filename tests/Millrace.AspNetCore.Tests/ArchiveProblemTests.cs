using Microsoft.AspNetCore.Builder;
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

    private string Place => Path.Combine(_directory, "archive");

    private async Task<WebApplication> Start(RecordedLog log)
    {
        Directory.CreateDirectory(Place);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddMillrace(millrace => millrace
            .UseInMemory()
            .UseArchive(new DirectoryObjectStorage(Place)));
        builder.Services.AddMillraceProblemDetails();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseMillraceProblemDetails();
        app.MapGet("/notes", async (EventStore store, CancellationToken stop) =>
            await store.ReadStream(new StreamId("note-1"), cancellationToken: stop).CountAsync(stop));
        await app.StartAsync();
        var store = app.Services.GetRequiredService<EventStore>();
        for (var i = 0; i < 3; i++)
            await store.Append(
                new StreamId("note-1"), ExpectedVersion.Any, [NewEvent.FromBytes("note.kept", "{}"u8.ToArray())]);
        await app.Services.GetRequiredService<StoreArchive>().Run(new ArchiveSelection { Streams = "note-*" });
        return app;
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Objects;

namespace Millrace.Archive.Tests;

/// <summary>Tests an application with an archive.</summary>
public sealed class HostTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_application_reads_what_it_archived(bool keepsLogInMemory)
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 4);
        using var host = Build(millrace =>
        {
            millrace.UseSqlite(fixture.File).UseArchive(new DirectoryObjectStorage(fixture.Place));
            if (keepsLogInMemory)
                millrace.KeepLogInMemory();
        });
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();

        var report = await host.Services.GetRequiredService<StoreArchive>()
            .Run(new ArchiveSelection { Streams = "order-*" });

        Assert.Equal(4, report.Events);
        Assert.Equal(4, await fixture.CountArchived());
        var read = await store.Storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, 1, IsBackwards: false, 10), default);
        Assert.Equal(
            await fixture.Read("order-1"),
            read.Events.Select(one => System.Text.Encoding.UTF8.GetString(one.Payload.Span)));
        await host.StopAsync();
    }

    [Fact]
    public async Task An_application_without_the_archive_does_not_start()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 4);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        using var host = Build(millrace => millrace.UseSqlite(fixture.File).KeepLogInMemory());

        var refused = await Assert.ThrowsAsync<ArchiveRequiredException>(() => host.StartAsync());

        Assert.Contains(fixture.Place, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_out_of_range_stop_the_application()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        using var host = Build(millrace => millrace
            .UseSqlite(fixture.File)
            .UseArchive(new DirectoryObjectStorage(fixture.Place), options => options.SegmentEvents = 0));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());

        Assert.Contains("SegmentEvents", refused.Message, StringComparison.Ordinal);
    }

    private static IHost Build(Action<MillraceBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddMillrace(configure);
        return builder.Build();
    }
}

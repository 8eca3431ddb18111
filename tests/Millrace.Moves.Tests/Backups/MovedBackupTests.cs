using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Moves.Tests.Backups;

/// <summary>Tests the continuous backup of a store that is moved.</summary>
public sealed class MovedBackupTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [PostgreSqlFact]
    public async Task A_backup_continues_with_the_moved_store()
    {
        await using var stores = await MoveStores.Create();
        await stores.Fill(100);
        var place = new DirectoryObjectStorage(_directory);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => new MoveAwareStorage(stores.Sqlite(), stores.PostgreSql(), TimeProvider.System))
            .UseBackup(place, options => options.Interval = TimeSpan.FromMilliseconds(100)));
        using var host = builder.Build();
        await host.StartAsync();
        await WaitFor(place, 100, copies: 1);

        await using (var file = stores.Sqlite())
        await using (var database = stores.PostgreSql())
            await new StoreMove(file, database).Run();
        var appended = await host.Services
            .GetRequiredService<EventStore>()
            .Append(new StreamId("new-1"), ExpectedVersion.NoStream, [NewEvent.FromBytes("new", "{}"u8.ToArray())]);
        var set = await WaitFor(place, appended.Position, copies: 2);
        await host.StopAsync();

        Assert.Equal(101, set!.LastPosition);
    }

    private static Task<BackupSet?> WaitFor(IObjectStorage place, long position, int copies) => Eventually.Get(
        async () => await StoreRestore.List(place) is [.., var last] ? last : null,
        set => set?.LastPosition >= position && set.Copies.Count >= copies);
}

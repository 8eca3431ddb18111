using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace;
using Millrace.Sqlite;
using Millrace.Storage;
using SQLitePCL;

// A second program that uses the database file of a test and writes its results to standard output, one a line.
// - append FILE WRITERS APPENDS appends to ten streams. It writes "ACK stream version position id" or "ERR problem".
// - follow FILE follows the log until its input ends. It writes "SEEN position ticks" when the log has grown.
// - backup FILE DESTINATION makes a backup.
// - host FILE REFUSE starts an application that opens the store. It writes warnings and "REFUSED message".
// - glance FILE opens, reads and closes the file with SQLite only, without Millrace.
// - hold FILE LOCK acquires a lock and writes "HELD token". For each line of its input, it appends under the token and
//   writes "ACK" or "FENCED token greatest". It writes "LOST" when the lock is lost.
// - destroy FILE COUNT MOST destroys the keys of the subjects customer-0, customer-1 and so on, of COUNT subjects, and
//   at most MOST keys. It writes "ACK number".
// Each command writes "READY" when it has opened the file and "DONE" at the end.
// If MILLRACE_PEER_LIBRARY is set, the program uses that library instead of the library in the package.
if (Environment.GetEnvironmentVariable("MILLRACE_PEER_LIBRARY") is { Length: > 0 } library)
    SqliteLibrary.UseSystem(library);
var (command, file) = (args[0], args[1]);
await using var storage = new SqliteStorage(file);
var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
if (command == "append")
    await Append(Number(2), Number(3));
else if (command == "glance")
    await OpenAndClose();
else if (command == "host")
    await OpenInHost(bool.Parse(args[2]));
else if (command == "backup")
    await Backup();
else if (command == "hold")
    await Hold(args[2]);
else if (command == "destroy")
    await DestroyKeys(Number(2), Number(3));
else
    await Follow();
await output.WriteLineAsync("DONE");

int Number(int index) => int.Parse(args[index], CultureInfo.InvariantCulture);

async Task Append(int writers, int appends)
{
    await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
    await output.WriteLineAsync("READY");
    await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
    {
        for (var i = 0; i < appends; i++)
            await AppendOne(store, new StreamId($"shared-{(writer + i) % 10}"));
    })));
}

async Task AppendOne(EventStore store, StreamId stream)
{
    var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
    try
    {
        var result = await store.Append(
            stream, ExpectedVersion.Any, [NewEvent.FromBytes("thing.happened", id.ToByteArray()) with { Id = id }]);
        await output.WriteLineAsync($"ACK {stream} {result.Version} {result.Position} {id}");
    }
    catch (StorageException exception)
    {
        await output.WriteLineAsync($"ERR {exception.Problem} {id} {exception.Message.ReplaceLineEndings(" ")}");
    }
}

async Task DestroyKeys(int count, int most)
{
    await using var keys = new SqliteKeyStore(file);
    await keys.Open(CancellationToken.None);
    await output.WriteLineAsync("READY");
    for (var (i, destroyed) = (0, 0); i < count && destroyed < most; i++)
    {
        var owner = new KeyOwner("", $"customer-{i}", KeyOwner.AllKinds);
        if ((await keys.Destroy(owner, TimeProvider.System.GetUtcNow(), CancellationToken.None)).Count == 0)
            continue;
        destroyed++;
        await output.WriteLineAsync($"ACK {i}");
    }
}

async Task OpenInHost(bool refuses)
{
    await output.WriteLineAsync("READY");
    var builder = Host.CreateEmptyApplicationBuilder(null);
    builder.Logging.AddProvider(new WarningLines(output));
    builder.Services.AddMillrace(
        millrace => millrace.UseSqlite(options => (options.Path, options.RefuseAffectedLibrary) = (file, refuses)));
    using var host = builder.Build();
    try
    {
        await host.StartAsync();
        await host.StopAsync();
    }
    catch (StorageException exception)
    {
        await output.WriteLineAsync($"REFUSED {exception.Problem} {exception.Message}");
    }
}

async Task Backup()
{
    await storage.Open(CancellationToken.None);
    await output.WriteLineAsync("READY");
    await storage.Maintenance.Backup(args[2], null, CancellationToken.None);
}

async Task Hold(string name)
{
    await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
    await using var held = await Locks.Of(store).Acquire(new LockRequest(name) { Duration = TimeSpan.FromSeconds(8) });
    using var registration = held.Lost.Register(() => output.WriteLine("LOST"));
    await output.WriteLineAsync("READY");
    await output.WriteLineAsync($"HELD {held.Token}");
    var fences = new Fences(store);
    while (await Console.In.ReadLineAsync() is not null)
    {
        var request = new AppendRequest().To(
            new StreamId("guarded-1"), ExpectedVersion.Any, NewEvent.FromBytes("thing.happened", new byte[1]));
        try
        {
            await fences.Append(name, held.Token, request);
            await output.WriteLineAsync("ACK");
        }
        catch (FencedOffException exception)
        {
            await output.WriteLineAsync($"FENCED {exception.Token} {exception.Greatest}");
        }
    }
}

async Task OpenAndClose()
{
    Batteries_V2.Init();
    if (raw.sqlite3_open(file, out var database) != raw.SQLITE_OK
        || raw.sqlite3_exec(database, "SELECT max(position) FROM events") != 0)
        throw new InvalidOperationException(raw.sqlite3_errmsg(database).utf8_to_string());
    raw.sqlite3_close_v2(database);
    await output.WriteLineAsync("READY");
}

async Task Follow()
{
    // Without an EventStore, only one loop watches the file. The program reads the head before it writes READY.
    await storage.Open(CancellationToken.None);
    var head = await storage.Log.GetHead(CancellationToken.None);
    await output.WriteLineAsync("READY");
    using var ended = new CancellationTokenSource();
    var input = Task.Run(async () =>
    {
        await Console.In.ReadToEndAsync();
        await ended.CancelAsync();
    });
    try
    {
        while (true)
        {
            await storage.Log.WaitForChange(head, ended.Token);
            var current = await storage.Log.GetHead(ended.Token);
            if (current != head)
                await output.WriteLineAsync($"SEEN {current.Position} {TimeProvider.System.GetUtcNow().UtcTicks}");
            head = current;
        }
    }
    catch (OperationCanceledException)
    {
        await input;
    }
}

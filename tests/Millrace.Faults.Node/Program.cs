using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace;
using Millrace.Faults;
using Millrace.Storage.Objects;

// A node that a test kills. Many writers append while projections run and the node rebuilds a projection again and
// again. After each append has returned, the node writes a line "ACK stream version position id" to standard output.
//   usage: Millrace.Faults.Node FILE WRITERS SEED [HANDLED]
// If FILE is the address of a PostgreSQL database, the node shares the work with other nodes.
// If the variable MILLRACE_FAULTS_TIMERS is set, the node only fires timers.
// If the variable MILLRACE_FAULTS_VIEW is set, the node refreshes a materialized view, and stops in the middle.
// If the variable MILLRACE_FAULTS_IMMEDIATE_VIEW names a commit, the node stops after this commit of an immediate view.
// If the variable MILLRACE_FAULTS_EXPIRY names a removal of expired documents or old events, the node stops after its
// first commit.
// If the variable MILLRACE_FAULTS_WATCHES names a file, the node only handles events that are appended after its start,
// and writes these events to the file.
// If the variable MILLRACE_FAULTS_ALERTS names a step, the node raises alerts, and stops at this step.
// If the variable MILLRACE_FAULTS_ERASURE names a step, the node erases a person, and waits after this step.
// If the variable MILLRACE_FAULTS_ARCHIVE names a directory too, the node runs retention, and waits after this step.
// If the variable MILLRACE_FAULTS_SHARD names a step, the node adds a shard or moves a tenant, and waits after this
// step.
// If the variable MILLRACE_FAULTS_STREAM_SHARDS contains addresses, the node appends to streams in these shards.
// If the variable MILLRACE_FAULTS_BACKUP names a directory, the node backs up the store to it.
// If the variable MILLRACE_FAULTS_RESTORE or MILLRACE_FAULTS_MERGE names a place, the node restores the store from
// there, or joins the parts there.
// If the folder of FILE contains a key for seals, the node seals its log.
// With HANDLED, the file for handled events, the consumers fail all the time and the node decides about dead letters.
var file = args[0];
var writers = int.Parse(args[1], CultureInfo.InvariantCulture);
var seed = int.Parse(args[2], CultureInfo.InvariantCulture);

if (Environment.GetEnvironmentVariable(TimerNode.Variable) is not null)
{
    await TimerNode.Run(file);
    return;
}
if (Environment.GetEnvironmentVariable(WatchingNode.Variable) is { } watched)
{
    await WatchingNode.Run(file, watched);
    return;
}
if (Environment.GetEnvironmentVariable(ShardNode.StepVariable) is { } shardStep)
{
    await ShardNode.Run(file, shardStep);
    return;
}
if (Environment.GetEnvironmentVariable(StreamShardsNode.Variable) is { } addresses)
{
    await StreamShardsNode.Run(addresses.Split(' '), writers, seed);
    return;
}
if (Environment.GetEnvironmentVariable(ViewNode.Variable) is not null)
{
    await ViewNode.Run(file);
    return;
}
if (Environment.GetEnvironmentVariable(ImmediateViewNode.Variable) is { } commit)
{
    await ImmediateViewNode.Run(file, commit);
    return;
}
if (Environment.GetEnvironmentVariable(ExpiringNode.Variable) is { } removal)
{
    await ExpiringNode.Run(file, removal);
    return;
}
if (Environment.GetEnvironmentVariable(AlertingNode.StepVariable) is { } alertStep)
{
    await AlertingNode.Run(file, alertStep);
    return;
}
if (Environment.GetEnvironmentVariable(ErasingNode.StepVariable) is { } step)
{
    if (Environment.GetEnvironmentVariable(RetainingNode.ArchiveVariable) is { } archive)
        await RetainingNode.Run(file, archive);
    else
        await ErasingNode.Run(file, step);
    return;
}
if (Environment.GetEnvironmentVariable(BackupNode.RestoreVariable) is not null
    || Environment.GetEnvironmentVariable(BackupNode.MergeVariable) is not null)
{
    await BackupNode.Run(file);
    return;
}
if (file.StartsWith("postgres:", StringComparison.Ordinal))
{
    await SharingNode.Run(file, writers, seed);
    return;
}

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
builder.Logging.ClearProviders();
using var handled = args.Length > 3 ? new HandledFile(args[3]) : null;
if (handled is not null)
    builder.Services.AddMillrace(millrace => FailingNode.Configure(millrace, file, handled.Add));
else
    builder.Services.AddMillrace(millrace =>
    {
        SealingNode.Configure(millrace.UseSqlite(file).AddModel<Ledger>(), file);
        if (Environment.GetEnvironmentVariable("MILLRACE_FAULTS_BACKUP") is { } place)
            millrace.UseBackup(
                new DirectoryObjectStorage(place), options => options.Interval = TimeSpan.FromMilliseconds(100));
    });
using var host = builder.Build();
await host.StartAsync();

var store = host.Services.GetRequiredService<EventStore>();
var output = TextWriter.Synchronized(
    new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1) { AutoFlush = true }
);
await output.WriteLineAsync("READY");
if (handled is not null)
    await FailingNode.Run(host.Services, output, seed);
await Task.WhenAll(
    Enumerable.Range(0, writers).Select(writer => Task.Run(() => Write(writer))).Append(Task.Run(Rebuild)));

async Task Rebuild()
{
    while (true)
        await host.Services.GetRequiredService<Projections>().RebuildBeside("writer-totals");
}

async Task Write(int writer)
{
    var random = new Random((seed * 1000) + writer);
    for (var sequence = 1L; ; sequence++)
    {
        var account = string.Create(CultureInfo.InvariantCulture, $"{writer}x{random.Next(5)}");
        var stream = StreamId.For("account", account);
        var version = (await store.GetStream(stream))?.Version ?? 0;
        var count = random.Next(1, 4);
        var events = Enumerable
            .Range(0, count)
            .Select(_ => new NewEvent(new Deposited(account, writer, sequence, random.Next(1, 100), random.Next(7)))
            {
                Id = NewId(random),
            })
            .ToArray();
        var result = await store.Append(stream, ExpectedVersion.AsRead(version), events);
        for (var i = 0; i < count; i++)
        {
            var offset = count - 1 - i;
            await output.WriteLineAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"ACK {stream} {result.Version - offset} {result.Position - offset} {events[i].Id}"));
        }
    }
}

static Guid NewId(Random random)
{
    Span<byte> bytes = stackalloc byte[16];
    random.NextBytes(bytes);
    return new Guid(bytes);
}

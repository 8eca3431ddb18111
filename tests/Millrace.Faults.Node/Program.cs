using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace;
using Millrace.Faults;

// A node that appends with many writers while its projections run and one of them is built beside again and again, and
// says on standard output what was acknowledged to it: one line "ACK stream version position id" after each append has
// returned. It is made to be killed. usage: Millrace.Faults.Node FILE WRITERS SEED [HANDLED]
// With the address of a PostgreSQL database for a file it shares the work with other nodes.
// With the variable MILLRACE_FAULTS_TIMERS it only fires timers.
// With the variable MILLRACE_FAULTS_WATCHES it only handles what is appended from its start on, and notes that in the
// file it names. With a file for what was handled, its consumers fail all the time instead, and it decides about their
// dead letters.
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
    builder.Services.AddMillrace(millrace => millrace.UseSqlite(file).AddModel<Ledger>());
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
            var back = count - 1 - i;
            await output.WriteLineAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"ACK {stream} {result.Version - back} {result.Position - back} {events[i].Id}"));
        }
    }
}

static Guid NewId(Random random)
{
    Span<byte> bytes = stackalloc byte[16];
    random.NextBytes(bytes);
    return new Guid(bytes);
}

using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging;
using Millrace.Messaging.Receiving;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Receiving;

/// <summary>
/// A simulation of nodes that receive messages through the inbox, on virtual time and on one thread. A seed determines
/// all steps. Nodes die, pause in the middle of a handler, lose partitions to each other, and have failing commits.
/// Messages are published twice. After each step, each box contains its messages in order. At the end, each box
/// contains all its messages once.
/// </summary>
internal sealed class ReceiverSimulation : IAsyncDisposable
{
    private const int Steps = 120;
    private const int Boxes = 4;
    private const int Partitions = 3;
    private const int MaxNodes = 3;
    private const int MaxRounds = 1_000;

    private readonly Random _random;
    private readonly ReceivingFault _fault;
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero));
    private readonly SimulatedBroker _broker = new(Partitions);
    private readonly List<ReceivingNode> _nodes = [];
    private readonly int[] _sent = new int[Boxes];
    private readonly List<string> _transcript = [];
    private readonly IHost _host;
    private CommitFault _nextFault;

    public ReceiverSimulation(int seed, ReceivingFault fault = ReceivingFault.None)
    {
        (_random, _fault) = (new Random(seed), fault);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddMillrace(millrace =>
            millrace
                .UseStorage(_ => new FaultyStorage(new InMemoryStorage(_time))
                {
                    // Each caller commits on its own thread, so no code waits for another thread.
                    CommitsOnCallingThread = false,
                    FaultOf = FaultOf,
                    Change = fault == ReceivingFault.NoInbox ? WithoutHandledIds : null,
                })
                .AddModel(model => Post.Register(model))
                .UseInMemoryTransport(transport =>
                    transport.Receive(
                        "post",
                        "letters",
                        receiver =>
                            receiver
                                .Handle<LetterSent>(PutIntoBox)
                                .Send<ParcelSent>(parcel => new FillBox(parcel.Box, parcel.Number))))
                .ConfigureConsumers(all => all.IsEnabled = false)
        ); // The schedule does the work of the receivers, in the order that the seed determines.
        _host = builder.Build();
    }

    /// <summary>Gets the events of the run, in order. The same seed always gives the same transcript.</summary>
    public IReadOnlyList<string> Transcript => _transcript;

    private EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public async Task Run()
    {
        await _host.StartAsync();
        for (var i = 0; i < Steps; i++)
        {
            Step();
            await CheckState();
        }
        await RunToEnd();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private static async ValueTask PutIntoBox(
        LetterSent letter, MessageContext context, CancellationToken cancellationToken)
    {
        await ReceivingNode.PauseCurrentNode();
        context.Effect.To(Post.BoxOf(letter.Box), ExpectedVersion.Any, new BoxFilled(letter.Number));
    }

    private static CommitRequest WithoutHandledIds(CommitRequest request) =>
        new() { Appends = request.Appends, Documents = request.Documents };

    private CommitFault FaultOf(CommitRequest request)
    {
        var fault = request.Handled.Count > 0 ? _nextFault : CommitFault.None;
        _nextFault = fault == CommitFault.None ? _nextFault : CommitFault.None;
        return fault;
    }

    private void Step()
    {
        switch (_random.Next(20))
        {
            case 0 or 1 or 2 or 3:
                Publish(_random.Next(Boxes));
                break;
            case 4:
                _broker.Repeat(_random.Next(Partitions), _random.Next(1, 5));
                break;
            case 5 or 6:
                Rebalance(_random.Next(Partitions));
                break;
            case 7 or 8 or 9 or 10:
                Deliver(_random.Next(Partitions));
                break;
            case 11:
                if (_nodes.Count > 0)
                    _nodes[_random.Next(_nodes.Count)].Terminate();
                break;
            case 12:
                _nextFault = _random.Next(2) == 0 ? CommitFault.Before : CommitFault.InDoubt;
                break;
            case 13:
                _time.Advance(TimeSpan.FromMinutes(_random.Next(1, 60)));
                break;
            default:
                Resume();
                break;
        }
    }

    private void Publish(int box)
    {
        var number = ++_sent[box];
        var (name, isLetter) = (box.ToString(CultureInfo.InvariantCulture), _random.Next(3) > 0);
        var partition = _fault == ReceivingFault.RandomPartitions ? _random.Next(Partitions) : box % Partitions;
        _broker.Publish(partition, new Message
        {
            Id = $"{box}.{number}",
            Type = isLetter ? "letter.sent" : "parcel.sent",
            Source = "sender",
            Subject = $"sender-{name}",
            Body = isLetter
                ? JsonSerializer.SerializeToUtf8Bytes(new LetterSent(name, number), PostJson.Default.LetterSent)
                : JsonSerializer.SerializeToUtf8Bytes(new ParcelSent(name, number), PostJson.Default.ParcelSent),
        });
    }

    /// <summary>
    /// Assigns a partition to a node, possibly to a new node. The former node finishes its current messages.
    /// </summary>
    private void Rebalance(int partition)
    {
        if (_nodes.Count < MaxNodes)
            _nodes.Add(NewNode());
        _broker.Assign(partition, _nodes[_random.Next(_nodes.Count)]);
    }

    private ReceivingNode NewNode() =>
        new(_host.Services.GetRequiredService<ReceiverHost>().Inboxes[0], _broker, _fault);

    private void Deliver(int partition)
    {
        if (_broker.Next(partition, _random.Next(1, 6)) is (var node, var deliveries))
            node.Take(deliveries);
    }

    private void Resume()
    {
        var paused = _nodes.FindAll(node => node.PausedCount > 0);
        if (paused.Count == 0)
            return;
        var node = paused[_random.Next(paused.Count)];
        node.Resume(_random.Next(node.PausedCount));
    }

    /// <summary>Checks for errors, and checks that each box contains its first messages in order, once each.</summary>
    private async Task CheckState()
    {
        foreach (var node in _nodes)
            await node.Check();
        _nodes.RemoveAll(node => node.IsDead);
        for (var box = 0; box < Boxes; box++)
        {
            var numbers = await NumbersIn(box);
            Assert.True(
                numbers.SequenceEqual(Enumerable.Range(1, numbers.Count)),
                $"Box {box} contains {string.Join(", ", numbers)}.");
        }
        await AddToTranscript();
    }

    private async Task AddToTranscript()
    {
        await foreach (var recorded in Store.ReadLog(EventFilter.All, _transcript.Count))
            _transcript.Add($"{recorded.Position} {recorded.Stream} {recorded.Version}");
    }

    private async Task<List<int>> NumbersIn(int box) =>
        await Store
            .ReadStream(Post.BoxOf(box.ToString(CultureInfo.InvariantCulture)))
            .Select(recorded => ((BoxFilled)recorded.Data).Number)
            .ToListAsync();

    /// <summary>Kills all nodes and starts a new node, which receives all messages that are not acknowledged.</summary>
    private async Task RunToEnd()
    {
        while (_nodes.Exists(node => node.PausedCount > 0))
        {
            Resume();
            if (_random.Next(8) == 0)
                _nodes[_random.Next(_nodes.Count)].Terminate();
            await CheckState();
        }
        _nextFault = CommitFault.None;
        foreach (var node in _nodes)
            node.Terminate();
        var last = NewNode();
        last.IsPausingDisabled = true;
        _nodes.Add(last);
        for (var partition = 0; partition < Partitions; partition++)
            _broker.Assign(partition, last);
        for (var round = 0; round < MaxRounds && !_broker.IsEmpty; round++)
        {
            Deliver(round % Partitions);
            await CheckState();
        }
        Assert.True(_broker.IsEmpty, "The broker still has messages.");
        for (var box = 0; box < Boxes; box++)
        {
            var count = (await NumbersIn(box)).Count;
            Assert.True(count == _sent[box], $"Box {box} was sent {_sent[box]} letters, but contains {count}.");
        }
    }
}

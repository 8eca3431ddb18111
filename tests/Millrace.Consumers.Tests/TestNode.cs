using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Projecting;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>A node with a store and consumers. Several nodes can share the storage.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    // Other tests and builds use the processor at the same time.
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private TestNode(EventStore store, ConsumerHost host) =>
        (Store, Host, Consumers) = (store, host, new Consumers(host));

    public EventStore Store { get; }

    public ConsumerHost Host { get; }

    public Consumers Consumers { get; }

    public static ConsumerOptions ShortIntervals()
    {
        var options = new ConsumerOptions();
        UseShortIntervals(options);
        return options;
    }

    public static void UseShortIntervals(ConsumerOptions options)
    {
        // Long enough that a machine that pauses for seconds does not lose leases.
        options.LeaseDuration = TimeSpan.FromMinutes(1);
        options.LookEvery = TimeSpan.FromMilliseconds(10);
        options.CheckpointEvery = TimeSpan.FromMilliseconds(20);
        options.RetryDelay = TimeSpan.FromMilliseconds(1);
        options.MaxRetryDelay = TimeSpan.FromMilliseconds(10);
        options.Retries = 2;
        options.ReadTimeout = WaitTimeout;
        options.StopTimeout = WaitTimeout;
        options.Workers = 2;
    }

    /// <summary>Sets a short lease, for tests in which a node is killed and another node takes over.</summary>
    public static void UseShortLease(ConsumerOptions options) => options.LeaseDuration = TimeSpan.FromSeconds(1);

    public static async Task<TestNode> Start(
        IStorage? storage = null,
        Action<ConsumerHost>? add = null,
        Action<ConsumerOptions>? configure = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null)
    {
        var store = await EventStore.Open(storage ?? new InMemoryStorage(time), Harbour.Types, time: time);
        var options = ShortIntervals();
        configure?.Invoke(options);
        var host = new ConsumerHost(store, options, loggers, random: new Random(1));
        add?.Invoke(host);
        await host.Start(CancellationToken.None);
        return new TestNode(store, host);
    }

    /// <summary>Starts a node with the cargo projection.</summary>
    public static Task<TestNode> StartCargo(IStorage? storage = null, Action<ConsumerOptions>? configure = null) =>
        Start(storage, host => Add(host, Harbour.Cargo()), configure);

    public static void Add(ConsumerHost host, params ProjectionDefinition[] definitions) =>
        ProjectionSetup.Add(host, definitions);

    public static void Add(ConsumerHost host, ConsumerDefinition definition) =>
        host.Add(
            new EventHandlerProcessor(definition, host.Store.Types, () => host.Options.WorkerCount),
            definition.IsSafeToSimulate
                ? _ => new EventHandlerProcessor(definition, host.Store.Types, () => host.Options.WorkerCount)
                : null);

    public DeadLetters DeadLetters => new(Host);

    public Projections Projections => new(Host, [Harbour.Cargo()]);

    public IReadModel<string, Cargo> Cargo => Harbour.Cargo().CreateReadModel(Host);

    public async Task<ConsistencyToken> Append(string ship, params object[] events) =>
        (await Store.Append(Harbour.StreamOf(ship), ExpectedVersion.Any, events)).Token;

    /// <summary>Waits until the status of a consumer satisfies a condition. Fails with the actual status.</summary>
    public Task<ConsumerStatus> WaitUntil(string consumer, Func<ConsumerStatus, bool> condition) =>
        Eventually.Get(Consumers, consumer, condition, WaitTimeout);

    /// <summary>
    /// Pauses a consumer that this node runs, and waits until it has paused. It then handles no more events.
    /// </summary>
    public async Task PauseAndWait(string consumer)
    {
        await Consumers.Pause(consumer);
        await WaitUntil(consumer, static status => status is { State: ConsumerState.Paused, IsHere: true });
    }

    /// <summary>Returns all dead letters, in the order of their events.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListDeadLetters()
    {
        var letters = await Store.Storage.DeadLetters.List(
            new DeadLetterQuery { Limit = 10_000 }, CancellationToken.None);
        return [.. letters.OrderBy(letter => letter.Position)];
    }

    /// <summary>Waits until the dead letters satisfy a condition. Fails with the actual dead letters.</summary>
    public Task<IReadOnlyList<DeadLetter>> WaitForDeadLetters(Func<IReadOnlyList<DeadLetter>, bool> condition) =>
        Eventually.Get(ListDeadLetters, condition, WaitTimeout);

    /// <summary>Decides about a dead letter, like an operator on any node.</summary>
    public Task Decide(DeadLetter letter, DeadLetterDecision decision, byte[]? payload = null)
    {
        var decided = letter with
        {
            State = DeadLetterState.Released,
            Decision = decision,
            User = "ada",
            Reason = "because",
            DecidedAt = DateTimeOffset.UnixEpoch,
        };
        var change = new DeadLetterChange(payload is null ? decided : decided with { EditedPayload = payload });
        return Store.Commit(new CommitRequest { DeadLetters = [change] }, isBackground: false, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Store.DisposeAsync();
    }
}

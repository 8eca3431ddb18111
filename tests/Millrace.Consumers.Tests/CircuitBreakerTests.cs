using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

public sealed class CircuitBreakerTests
{
    private const string Name = "mailer";
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task While_the_circuit_is_open_a_consumer_waits_without_spending_attempts_and_probes_with_one_call()
    {
        var outcomes = new ConcurrentQueue<FailureOutcome>();
        // Only the circuit breaker uses this clock. So the circuit is open until the test advances the clock, even on a
        // slow machine.
        var time = new ManualTimeProvider();
        var circuit = new CircuitBreakers(time, Mail()).Get("mail");
        var mail = new MailServer { IsDown = true };
        await using var node = await TestNode.Start(
            add: host =>
                TestNode.Add(
                    host,
                    ConsumerDefinition
                        .Each(
                            Name,
                            EventFilter.All,
                            (recorded, cancel) => circuit.Execute(_ => mail.Send(recorded), cancel))
                        .OnFailure(policy =>
                            policy
                                .Retry(20, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20))
                                .Notify(outcomes.Enqueue))),
            configure: options => options.MaxRetryDelay = TimeSpan.FromMilliseconds(50));
        for (var i = 0; i < 100; i++)
            await node.Append($"s{i % 20}", new Loaded($"s{i % 20}", i));

        var waiting = await node.WaitUntil(Name, status => status.State == ConsumerState.CircuitOpen);
        // Calls for other keys may still run when the circuit opens. Wait until their results are written.
        await SomeRounds(node);
        var (calls, attempts) = (mail.Calls, Attempts(await node.ListDeadLetters()));
        await SomeRounds(node);
        Assert.Equal((calls, attempts), (mail.Calls, Attempts(await node.ListDeadLetters())));
        Assert.Equal(CircuitState.Open, circuit.State);
        Assert.Contains("mail", waiting.Error, StringComparison.Ordinal);
        Assert.Equal("The server is down.", circuit.LastError);

        time.Advance(OpenFor);
        await Eventually.Until(() => mail.Calls > calls, TestNode.WaitTimeout);
        await SomeRounds(node);
        Assert.Equal((calls + 1, CircuitState.Open), (mail.Calls, circuit.State));

        mail.IsDown = false;
        time.Advance(OpenFor);
        await node.WaitUntil(Name, status => status is { LagEvents: 0, OpenDeadLetters: 0, State: ConsumerState.Live });

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), mail.Sent.Distinct().Order());
        Assert.Equal(CircuitState.Closed, circuit.State);
        // The outcome is reported after it is stored.
        await Eventually.Until(() => outcomes.OfType<FailureOutcome.Recovered>().Any(), TestNode.WaitTimeout);
        Assert.Equal("mail", outcomes.OfType<FailureOutcome.CircuitOpen>().First().Circuit);
    }

    [Fact]
    public async Task A_probe_that_fails_keeps_the_circuit_open()
    {
        var circuit = Circuit(out var time);
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAsync<TimeoutException>(async () =>
                await circuit.Execute(_ => throw new TimeoutException()));
        var refused = await Assert.ThrowsAsync<CircuitOpenException>(async () =>
            await circuit.Execute(_ => new ValueTask<int>(1)));

        time.Advance(TimeSpan.FromSeconds(16));
        var probe = new TaskCompletionSource<int>();
        var probing = circuit.Execute(_ => new ValueTask<int>(probe.Task)).AsTask();
        await Assert.ThrowsAsync<CircuitOpenException>(async () => await circuit.Execute(_ => new ValueTask<int>(1)));
        var halfOpen = circuit.State;
        probe.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => probing);
        var open = circuit.State;
        time.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal(7, await circuit.Execute(_ => new ValueTask<int>(7)));
        Assert.Equal((CircuitState.HalfOpen, CircuitState.Open, CircuitState.Closed), (halfOpen, open, circuit.State));
        Assert.Equal(("test", TimeSpan.FromSeconds(15)), (refused.Circuit, refused.RetryAfter));
    }

    [Fact]
    public async Task A_service_that_times_out_opens_the_circuit()
    {
        var circuit = Circuit(out _);
        // Accepts connections, but never answers.
        using var server = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        server.Start();
        using var client = new HttpClient { Timeout = TimeSpan.FromMilliseconds(50) };
        var address = new Uri($"http://{server.LocalEndpoint}/");

        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await circuit.Execute(async cancel => await client.GetStringAsync(address, cancel)));
        }

        Assert.Equal(CircuitState.Open, circuit.State);
        await Assert.ThrowsAsync<CircuitOpenException>(async () => await circuit.Execute(_ => new ValueTask<int>(1)));
    }

    [Fact]
    public async Task A_probe_that_its_caller_cancelled_does_not_close_the_circuit()
    {
        var circuit = Circuit(out var time);
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAsync<TimeoutException>(async () =>
                await circuit.Execute(_ => throw new TimeoutException("Down.")));
        time.Advance(TimeSpan.FromSeconds(16));

        await CancelledByItsCaller(circuit);

        Assert.Equal((CircuitState.Open, "Down."), (circuit.State, circuit.LastError));
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(7, await circuit.Execute(_ => new ValueTask<int>(7)));
        Assert.Equal(CircuitState.Closed, circuit.State);
    }

    [Fact]
    public async Task Successful_calls_keep_the_circuit_closed_and_cancelled_calls_are_not_counted()
    {
        var circuit = Circuit(out _);
        for (var i = 0; i < 20; i++)
        {
            await circuit.Execute(_ => new ValueTask<int>(1));
            await circuit.Execute(_ => new ValueTask<int>(1));
            await Assert.ThrowsAsync<TimeoutException>(async () =>
                await circuit.Execute(_ => throw new TimeoutException()));
            await CancelledByItsCaller(circuit);
        }

        Assert.Equal(CircuitState.Closed, circuit.State);
        Assert.Null(circuit.LastError);
    }

    [Fact]
    public async Task Options_and_policies_come_from_the_builder_and_are_checked_at_the_start()
    {
        using var sound = Build(millrace => millrace
            .AddCircuitBreaker("mail", options => options.MinimumCalls = 2)
            .AddConsumer(Name, EventFilter.All, (_, _) => ValueTask.CompletedTask)
            .OnFailure(policy => policy.Transient<TimeoutException>())
            .OnFailure(Name, policy => policy.Permanent<FormatException>()));
        await sound.StartAsync();
        Assert.Equal("mail", Assert.Single(sound.Services.GetRequiredService<CircuitBreakers>().All).Name);
        await sound.StopAsync();

        using var unknown = Build(millrace => millrace.OnFailure("nobody", policy => policy));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => unknown.StartAsync());
        using var invalid = Build(millrace => millrace.AddCircuitBreaker("mail", options => options.MinimumCalls = 0));
        await Assert.ThrowsAsync<ArgumentException>(() => invalid.StartAsync());

        Assert.Contains("nobody", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Later_rules_have_priority_and_match_inner_errors()
    {
        var policy = FailurePolicy.Default.Transient<IOException>().Permanent<FileNotFoundException>()
            .When(error => error.Message == "away" ? FailureClass.System : null);

        Assert.Equal(FailureClass.Transient, policy.ClassOf(new IOException("x"), isPure: true));
        Assert.Equal(FailureClass.Permanent, policy.ClassOf(new FileNotFoundException("x"), isPure: false));
        Assert.Equal(FailureClass.System, policy.ClassOf(new FileNotFoundException("away"), isPure: false));
        Assert.Equal(FailureClass.Transient, policy.ClassOf(new FormatException("x", new IOException()), isPure: true));
        Assert.Equal(FailureClass.Permanent, policy.ClassOf(new FormatException("x"), isPure: true));
        Assert.Equal(FailureClass.Transient, policy.ClassOf(new FormatException("x"), isPure: false));
        Assert.Equal(
            FailureClass.System, policy.ClassOf(new StorageException("x", StorageProblem.Unavailable), isPure: false));
        Assert.Equal(FailureClass.Permanent, policy.ClassOf(new NotImplementedException(), isPure: false));
    }

    private static async Task CancelledByItsCaller(CircuitBreaker circuit)
    {
        using var caller = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await circuit.Execute(
            async cancel =>
            {
                await caller.CancelAsync();
                cancel.ThrowIfCancellationRequested();
                return 1;
            },
            caller.Token));
    }

    private static Dictionary<string, Action<CircuitBreakerOptions>> Mail() => new()
    {
        ["mail"] = options => options.OpenFor = OpenFor,
    };

    /// <summary>Waits until the consumer has worked and paused a few times.</summary>
    private static async Task SomeRounds(TestNode node)
    {
        for (var change = 0; change < 10; change++)
            await node.Host.Find(Name)!.Progress.NextChange().WaitAsync(TestNode.WaitTimeout);
    }

    private static int Attempts(IReadOnlyList<DeadLetter> letters) => letters.Sum(letter => letter.Attempts);

    private static IHost Build(Action<MillraceBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMillrace(millrace => configure(millrace.UseInMemory()));
        return builder.Build();
    }

    private static CircuitBreaker Circuit(out Clock time)
    {
        time = new Clock();
        return new CircuitBreaker("test", new CircuitBreakerOptions(), time);
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.UtcTicks;
    }

    private sealed class MailServer
    {
        private int _calls;

        public bool IsDown { get; set; }

        public int Calls => Volatile.Read(ref _calls);

        public ConcurrentQueue<long> Sent { get; } = [];

        public ValueTask Send(RecordedEvent recorded)
        {
            Interlocked.Increment(ref _calls);
            if (IsDown)
                throw new TimeoutException("The server is down.");
            Sent.Enqueue(recorded.Position);
            return ValueTask.CompletedTask;
        }
    }
}

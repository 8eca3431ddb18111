using Millrace.Queries;
using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>Tests of computations that callers share.</summary>
public sealed class AnswerFlightsTests
{
    private static readonly TimeSpan MaxWait = Node.WaitTimeout;

    private const int Waiting = 20;

    private readonly CountingTime _counting = new();
    private int _calls;

    [Fact]
    public async Task A_caller_stops_waiting_for_a_slow_computation()
    {
        var time = new ManualTimeProvider();
        var flights = new AnswerFlights<string>(time);
        var slow = new TaskCompletionSource<string>();
        var leader = Run(flights, () => slow.Task);
        var waiting = Run(flights, () => Task.FromResult("second"));
        Assert.False(waiting.IsCompleted);

        time.Advance(MaxWait);
        var missed = await waiting.WaitAsync(Node.WaitTimeout);
        slow.SetResult("first");

        Assert.Null(missed);
        Assert.Equal("first", await leader.WaitAsync(Node.WaitTimeout));
    }

    [Fact]
    public async Task After_a_failure_the_waiting_callers_share_the_next_computation()
    {
        var flights = new AnswerFlights<string>(_counting);
        var (failing, next) = (new TaskCompletionSource<string>(), new TaskCompletionSource<string>());
        var leader = Run(flights, () => failing.Task);
        var waiting = Enumerable.Range(0, Waiting).Select(_ => Run(flights, () => next.Task)).ToArray();

        failing.SetException(new InvalidOperationException("The handler failed."));
        await WaitForWaits(Waiting + Waiting - 1); // One of them computes.
        next.SetResult("next");
        var answers = await Task.WhenAll(waiting).WaitAsync(Node.WaitTimeout);

        await Assert.ThrowsAsync<InvalidOperationException>(() => leader);
        Assert.All(answers, answer => Assert.Equal("next", answer));
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task Callers_that_do_not_accept_the_answer_share_the_next_computation()
    {
        var flights = new AnswerFlights<string>(_counting);
        var (first, next) = (new TaskCompletionSource<string>(), new TaskCompletionSource<string>());
        var leader = Run(flights, () => first.Task);
        var accepting = Run(flights, () => next.Task);
        var waiting = Enumerable.Range(0, Waiting).Select(_ => Run(flights, () => next.Task, "next")).ToArray();

        first.SetResult("first");
        await WaitForWaits(1 + Waiting + Waiting - 1);
        next.SetResult("next");
        var answers = await Task.WhenAll(waiting).WaitAsync(Node.WaitTimeout);

        Assert.Equal(("first", "first"), (await leader, await accepting));
        Assert.All(answers, answer => Assert.Equal("next", answer));
        Assert.Equal(2, _calls);
    }

    private Task WaitForWaits(int count) => Eventually.Until(() => _counting.Timers == count, Node.WaitTimeout);

    private Task<string?> Run(AnswerFlights<string> flights, Func<Task<string>> compute, string? accepted = null) =>
        flights
            .Run(
                "key",
                async _ =>
                {
                    Interlocked.Increment(ref _calls);
                    return await compute();
                },
                answer => accepted is null || answer == accepted,
                MaxWait,
                CancellationToken.None)
            .AsTask();

    /// <summary>Counts timers. Each wait has one.</summary>
    private sealed class CountingTime : TimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _timers);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}

using Millrace.Locking;
using Millrace.Testing;

namespace Millrace.Tests.Locking;

public sealed class LocksTests : IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    // Longer than any test advances the clock.
    private static readonly TimeSpan LongDuration = TimeSpan.FromHours(1);

    private readonly ManualTimeProvider _time = new();
    private EventStore _store = null!; // Each test opens it in InitializeAsync.
    private UnavailableLockProvider _provider = null!;
    private Locks _locks = null!;

    public async Task InitializeAsync()
    {
        _store = await TestData.Store(time: _time);
        _provider = new UnavailableLockProvider(new StoreLockProvider(_store));
        _locks = new Locks(_provider, _time);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_request_for_a_held_lock_fails_with_the_holder_when_its_wait_expires()
    {
        await using var held = await _locks.Acquire(
            new LockRequest("stock") { Owner = "anna", Duration = LongDuration });

        var before = _time.ArmedTimers;
        var waiting = _locks.Acquire(new LockRequest("stock") { Wait = Step * 3 });
        await AdvanceUntil(waiting, before);

        var refused = await Assert.ThrowsAsync<LockUnavailableException>(() => waiting);
        Assert.Equal(("stock", "anna", true), (refused.Name, refused.Holder, refused.IsTransient));
        Assert.True(refused.Waited >= Step * 3);
    }

    [Fact]
    public async Task A_waiting_caller_gets_the_lock_when_the_holder_releases_it()
    {
        var held = await _locks.Acquire("stock");
        var waiting = _locks.Acquire("stock");
        await held.DisposeAsync();

        await AdvanceUntil(waiting, before: 0);

        await using var next = await waiting;
        Assert.True(next.Token > held.Token);
        Assert.False(held.IsHeld);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // A new Locks object for each caller, as in the scopes of tenants.
    public async Task Waiting_callers_get_the_lock_in_the_order_of_their_requests(bool isNewForEachCaller)
    {
        const int CallerCount = 12;
        var locks = () => isNewForEachCaller ? Locks.Of(_store) : _locks;
        var held = await locks().Acquire(
            new LockRequest("stock") { RenewsAutomatically = false, Duration = LongDuration });
        var acquisitions = new List<int>();
        var waiting = new List<Task>();
        for (var number = 0; number < CallerCount; number++)
        {
            var before = _time.ArmedTimers;
            waiting.Add(TakeLock(number));
            await Eventually.Until(() => _time.ArmedTimers > before);
            _time.Advance(Step / 5); // Earlier callers have tried more often, so they now pause longer.
        }

        await held.DisposeAsync();
        await AdvanceUntil(Task.WhenAll(waiting), before: 0);

        Assert.Equal(Enumerable.Range(0, CallerCount), acquisitions);

        async Task TakeLock(int number)
        {
            await using var acquired = await locks()
                .Acquire(
                    new LockRequest("stock")
                    {
                        RenewsAutomatically = false,
                        Duration = LongDuration,
                        Wait = LongDuration,
                    }
                );
            acquisitions.Add(number); // No other caller holds the lock now.
        }
    }

    [Fact]
    public async Task Only_one_of_the_waiting_callers_asks_the_provider()
    {
        await using var heldByOther = await Locks
            .Of(_store)
            .Acquire(new LockRequest("stock") { RenewsAutomatically = false, Duration = LongDuration });
        var before = _time.ArmedTimers;
        using var cancellation = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 20)
            .Select(_ => _locks.Acquire(new LockRequest("stock") { Wait = LongDuration }, cancellation.Token)).ToList();
        await Eventually.Until(() => _time.ArmedTimers == before + waiting.Count);

        Assert.Equal(1, _provider.Takes);

        await cancellation.CancelAsync();
        foreach (var request in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Fact]
    public async Task Callers_that_stop_waiting_leave_the_lock_to_the_next_caller()
    {
        var held = await _locks.Acquire("stock");
        using var cancellation = new CancellationTokenSource();
        var leaving = _locks.Acquire(new LockRequest("stock"), cancellation.Token);
        var brief = _locks.Acquire(new LockRequest("stock") { Wait = Step });
        var staying = _locks.Acquire(new LockRequest("stock") { Wait = LongDuration });

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await AdvanceUntil(brief, before: 0);
        await Assert.ThrowsAsync<LockUnavailableException>(() => brief);
        await held.DisposeAsync();
        await AdvanceUntil(staying, before: 0);

        await using var next = await staying;
        Assert.True(next.IsHeld);
    }

    [Fact]
    public async Task The_holder_of_a_lock_acquires_it_again_before_waiting_callers()
    {
        var request = new LockRequest("stock") { Owner = "anna" };
        await using var held = await _locks.Acquire(request);
        var waiting = _locks.Acquire(new LockRequest("stock") { Wait = LongDuration });

        await using var again = await _locks.Acquire(request);

        Assert.Equal(held.Token, again.Token);
        await held.DisposeAsync();
        await AdvanceUntil(waiting, before: 0);
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task Two_waiting_requests_of_one_owner_get_the_same_token()
    {
        var held = await _locks.Acquire("stock");
        var request = new LockRequest("stock") { Owner = "anna", Wait = LongDuration, RenewsAutomatically = false };
        var waiting = new[] { _locks.Acquire(request), _locks.Acquire(request) };
        await held.DisposeAsync();

        await AdvanceUntil(Task.WhenAll(waiting), before: 0);

        Assert.Equal((await waiting[0]).Token, (await waiting[1]).Token);
    }

    [Fact]
    public async Task A_waiting_caller_gets_an_expired_lock_while_its_release_is_still_running()
    {
        var held = await _locks.Acquire(new LockRequest("stock") { RenewsAutomatically = false });
        using var releaseGate = new SemaphoreSlim(0);
        _provider.BeforeRelease = () => releaseGate.WaitAsync(TestData.WaitTimeout);
        var releasing = held.Release();
        var waiting = _locks.Acquire(new LockRequest("stock") { Wait = LongDuration, RenewsAutomatically = false });

        await AdvanceUntil(waiting, before: 0);

        Assert.False(releasing.IsCompleted);
        releaseGate.Release();
        Assert.False(await releasing);
        Assert.True((await waiting).IsHeld);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(300)]
    [InlineData(2_000)]
    [InlineData(600_000)]
    public void A_holder_yields_for_longer_than_waiting_callers_pause(int heldFor)
    {
        var held = TimeSpan.FromMilliseconds(heldFor);

        Assert.True(
            LockRetryDelays.YieldAfter(held) >= LockRetryDelays.DelayWhenHeldFor(held) + TimeSpan.FromMilliseconds(30));
        Assert.InRange(LockRetryDelays.DelayWhenHeldFor(held).TotalMilliseconds, 20, 250);
    }

    [Fact]
    public async Task A_lock_whose_answer_arrives_after_its_expiry_is_lost()
    {
        _provider.WhenTaken = () => _time.Advance(Step * 20);
        await using var held = await _locks.Acquire(new LockRequest("stock") { RenewsAutomatically = false });

        _time.Advance(Step);

        Assert.False(held.IsHeld);
        await Eventually.Until(() => held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_held_lock_is_renewed_automatically()
    {
        var before = _time.ArmedTimers;
        await using var held = await _locks.Acquire("stock");

        for (var i = 1; i <= 18; i++)
        {
            _time.Advance(Step * 10 / 3 + TimeSpan.FromMilliseconds(1));
            // One timer is for the expiry, the other for the next renewal.
            await Eventually.Until(() => _provider.Renewals == i && _time.ArmedTimers >= before + 2);
        }

        Assert.True(held.IsHeld);
        Assert.True(await held.Release());
    }

    [Fact]
    public async Task A_lock_without_automatic_renewal_is_held_until_its_last_renewal_expires()
    {
        await using var held = await _locks.Acquire(new LockRequest("stock") { RenewsAutomatically = false });
        _time.Advance(Step * 9);
        await held.Renew();
        _time.Advance(Step * 9);
        Assert.True(held.IsHeld);

        _time.Advance(Step);

        Assert.True(held.Lost.IsCancellationRequested);
        await Assert.ThrowsAsync<LockLostException>(() => held.Renew());
        Assert.False(await held.Release());
    }

    [Fact]
    public async Task A_lock_whose_provider_is_unavailable_is_lost_exactly_when_it_expires()
    {
        var before = _time.ArmedTimers;
        await using var held = await _locks.Acquire("stock");
        _provider.IsUnavailable = true;

        for (var i = 0; i < 9; i++)
        {
            // One timer is for the expiry, the other for the next renewal.
            await Eventually.Until(() => _time.ArmedTimers >= before + 2);
            _time.Advance(Step);
        }
        await Eventually.Until(() => _time.ArmedTimers >= before + 2);
        Assert.True(held.IsHeld);
        Assert.False(held.Lost.IsCancellationRequested);
        _time.Advance(Step);

        Assert.False(held.IsHeld);
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.True(_provider.Renewals > 1);
    }

    [Fact]
    public async Task A_request_waits_until_the_provider_is_available_again()
    {
        _provider.IsUnavailable = true;
        var waiting = _locks.Acquire("stock");
        await Assert.ThrowsAsync<TransportUnavailableException>(() =>
            _locks.Acquire(new LockRequest("stock") { Wait = TimeSpan.Zero }));

        _provider.IsUnavailable = false;
        await AdvanceUntil(waiting, before: 0);

        await using var held = await waiting;
        Assert.True(held.IsHeld);
    }

    [Fact]
    public async Task A_lock_whose_release_fails_expires()
    {
        var held = await _locks.Acquire("stock");
        _provider.IsUnavailable = true;
        await held.DisposeAsync();
        _provider.IsUnavailable = false;

        var waiting = _locks.Acquire(new LockRequest("stock") { Wait = LongDuration });
        await AdvanceUntil(waiting, before: 0);

        await using var next = await waiting;
        Assert.True(next.Token > held.Token);
    }

    [Fact]
    public async Task A_fence_refuses_the_token_of_a_lost_lock()
    {
        var fences = new Fences(_store);
        var lostLock = await _locks.Acquire(new LockRequest("stock") { RenewsAutomatically = false });
        await fences.Check("stock", lostLock.Token);
        _time.Advance(Step * 11);
        await using var newLock = await _locks.Acquire("stock");
        await fences.Append("stock", newLock.Token, Append());
        await fences.Append("stock", newLock.Token, Append());

        var refused = await Assert.ThrowsAsync<FencedOffException>(
            () => fences.Append("stock", lostLock.Token, Append()));

        Assert.Equal(("stock", lostLock.Token, newLock.Token), (refused.Resource, refused.Token, refused.Greatest));
        Assert.Equal(2, (await _store.GetStream(new StreamId("guarded-1")))!.Version);
    }

    [Fact]
    public async Task An_invalid_lock_request_is_refused()
    {
        await Assert.ThrowsAsync<InvalidNameException>(() => _locks.Acquire(""));
        await Assert.ThrowsAsync<InvalidNameException>(() => _locks.Acquire(new string('x', 257)));
        await Assert.ThrowsAsync<InvalidNameException>(() =>
            _locks.Acquire(new LockRequest("stock") { Owner = "a\0" }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            _locks.Acquire(new LockRequest("stock") { Duration = TimeSpan.Zero }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            _locks.Acquire(new LockRequest("stock") { Wait = -Step }));
    }

    private static AppendRequest Append() =>
        new AppendRequest().To(new StreamId("guarded-1"), ExpectedVersion.Any, TestData.Event());

    /// <summary>
    /// Advances the time in small steps until a task completes. The time advances only while a timer of a waiting
    /// caller is armed. A lock therefore cannot expire during a request for that lock.
    /// </summary>
    /// <param name="task">The task that must complete.</param>
    /// <param name="before">The number of timers that were armed before the task started.</param>
    private Task AdvanceUntil(Task task, int before) => Eventually.Until(
        () =>
        {
            if (!task.IsCompleted && _time.ArmedTimers > before)
                _time.Advance(Step / 2);
            return task.IsCompleted;
        },
        TestData.WaitTimeout);
}

using Millrace.Locking;
using Millrace.Testing;

namespace Millrace.Tests.Locking;

public sealed class LocksTests : IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    // However far the clock is ahead of what is to be done.
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly ManualTimeProvider _time = new();
    private EventStore _store = null!; // Opened before each test.
    private UnavailableLockProvider _provider = null!;
    private Locks _locks = null!;

    public async Task InitializeAsync()
    {
        _store = await Given.Store(time: _time);
        _provider = new UnavailableLockProvider(new StoreLockProvider(_store));
        _locks = new Locks(_provider, _time);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_lock_that_another_holds_is_refused_with_its_holder_when_the_wait_is_over()
    {
        await using var held = await _locks.Acquire(new LockRequest("stock") { Owner = "anna", Duration = Long });

        var before = _time.ArmedTimers;
        var waiting = _locks.Acquire(new LockRequest("stock") { Wait = Step * 3 });
        await PassUntil(waiting, before);

        var refused = await Assert.ThrowsAsync<LockTakenException>(() => waiting);
        Assert.Equal(("stock", "anna", true), (refused.Name, refused.Holder, refused.IsTransient));
        Assert.True(refused.Waited >= Step * 3);
    }

    [Fact]
    public async Task Who_waits_gets_the_lock_when_it_is_given_back()
    {
        var held = await _locks.Acquire("stock");
        var waiting = _locks.Acquire("stock");
        await held.DisposeAsync();

        await PassUntil(waiting, before: 0);

        await using var next = await waiting;
        Assert.True(next.Token > held.Token);
        Assert.False(held.IsHeld);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // As tenants have them, in each scope again.
    public async Task Who_asked_first_has_it_first_however_long_they_wait(bool isEachItsOwn)
    {
        const int Waiting = 12;
        var locks = () => isEachItsOwn ? Locks.Of(_store) : _locks;
        var held = await locks().Acquire(new LockRequest("stock") { RenewsItself = false, Duration = Long });
        var had = new List<int>();
        var waiting = new List<Task>();
        for (var number = 0; number < Waiting; number++)
        {
            var before = _time.ArmedTimers;
            waiting.Add(TakeLock(number));
            await Eventually.Holds(() => _time.ArmedTimers > before);
            _time.Advance(Step / 5); // An earlier waiter has asked more often, and would ask more seldom by now.
        }

        await held.DisposeAsync();
        await PassUntil(Task.WhenAll(waiting), before: 0);

        Assert.Equal(Enumerable.Range(0, Waiting), had);

        async Task TakeLock(int number)
        {
            await using var mine = await locks()
                .Acquire(
                    new LockRequest("stock")
                    {
                        RenewsItself = false,
                        Duration = Long,
                        Wait = Long,
                    }
                );
            had.Add(number); // Nobody else has it.
        }
    }

    [Fact]
    public async Task However_many_wait_the_keeper_is_asked_by_one()
    {
        await using var elsewhere = await Locks
            .Of(_store)
            .Acquire(new LockRequest("stock") { RenewsItself = false, Duration = Long });
        var before = _time.ArmedTimers;
        using var enough = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 20)
            .Select(_ => _locks.Acquire(new LockRequest("stock") { Wait = Long }, enough.Token)).ToList();
        await Eventually.Holds(() => _time.ArmedTimers == before + waiting.Count);

        Assert.Equal(1, _provider.Takes);

        await enough.CancelAsync();
        foreach (var one in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_lock_to_those_behind()
    {
        var held = await _locks.Acquire("stock");
        using var enough = new CancellationTokenSource();
        var leaving = _locks.Acquire(new LockRequest("stock"), enough.Token);
        var brief = _locks.Acquire(new LockRequest("stock") { Wait = Step });
        var staying = _locks.Acquire(new LockRequest("stock") { Wait = Long });

        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await PassUntil(brief, before: 0);
        await Assert.ThrowsAsync<LockTakenException>(() => brief);
        await held.DisposeAsync();
        await PassUntil(staying, before: 0);

        await using var next = await staying;
        Assert.True(next.IsHeld);
    }

    [Fact]
    public async Task Who_holds_a_lock_has_it_again_at_once_though_others_wait()
    {
        var mine = new LockRequest("stock") { Owner = "anna" };
        await using var held = await _locks.Acquire(mine);
        var waiting = _locks.Acquire(new LockRequest("stock") { Wait = Long });

        await using var again = await _locks.Acquire(mine);

        Assert.Equal(held.Token, again.Token);
        await held.DisposeAsync();
        await PassUntil(waiting, before: 0);
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_twice_under_one_name_has_it_twice_when_it_is_their_turn()
    {
        var held = await _locks.Acquire("stock");
        var mine = new LockRequest("stock") { Owner = "anna", Wait = Long, RenewsItself = false };
        var waiting = new[] { _locks.Acquire(mine), _locks.Acquire(mine) };
        await held.DisposeAsync();

        await PassUntil(Task.WhenAll(waiting), before: 0);

        Assert.Equal((await waiting[0]).Token, (await waiting[1]).Token);
    }

    [Fact]
    public async Task A_lock_that_is_long_in_being_given_back_is_the_next_ones_once_it_has_run_out()
    {
        var held = await _locks.Acquire(new LockRequest("stock") { RenewsItself = false });
        using var goesOn = new SemaphoreSlim(0);
        _provider.BeforeRelease = () => goesOn.WaitAsync(Given.Bound);
        var releasing = held.Release();
        var waiting = _locks.Acquire(new LockRequest("stock") { Wait = Long, RenewsItself = false });

        await PassUntil(waiting, before: 0);

        Assert.False(releasing.IsCompleted);
        goesOn.Release();
        Assert.False(await releasing);
        Assert.True((await waiting).IsHeld);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(300)]
    [InlineData(2_000)]
    [InlineData(600_000)]
    public void Others_have_a_chance_for_longer_than_they_pause(int heldFor)
    {
        var held = TimeSpan.FromMilliseconds(heldFor);

        Assert.True(
            LockRetryDelays.YieldAfter(held) >= LockRetryDelays.DelayWhenHeldFor(held) + TimeSpan.FromMilliseconds(30));
        Assert.InRange(LockRetryDelays.DelayWhenHeldFor(held).TotalMilliseconds, 20, 250);
    }

    [Fact]
    public async Task A_lock_whose_answer_comes_after_its_time_is_lost()
    {
        _provider.WhenTaken = () => _time.Advance(Step * 20);
        await using var held = await _locks.Acquire(new LockRequest("stock") { RenewsItself = false });

        _time.Advance(Step);

        Assert.False(held.IsHeld);
        await Eventually.Holds(() => held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_held_lock_is_renewed_automatically()
    {
        var before = _time.ArmedTimers;
        await using var held = await _locks.Acquire("stock");

        for (var i = 1; i <= 18; i++)
        {
            _time.Advance(Step * 10 / 3 + TimeSpan.FromMilliseconds(1));
            // Its end, and the next renewal.
            await Eventually.Holds(() => _provider.Renewals == i && _time.ArmedTimers >= before + 2);
        }

        Assert.True(held.IsHeld);
        Assert.True(await held.Release());
    }

    [Fact]
    public async Task A_lock_that_does_not_renew_itself_is_held_for_as_long_as_it_is_renewed()
    {
        await using var held = await _locks.Acquire(new LockRequest("stock") { RenewsItself = false });
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
    public async Task A_lock_whose_keeper_is_away_is_lost_when_its_time_runs_out_and_not_before()
    {
        var before = _time.ArmedTimers;
        await using var held = await _locks.Acquire("stock");
        _provider.IsAway = true;

        for (var i = 0; i < 9; i++)
        {
            await Eventually.Holds(() => _time.ArmedTimers >= before + 2); // Its end, and the next renewal.
            _time.Advance(Step);
        }
        await Eventually.Holds(() => _time.ArmedTimers >= before + 2);
        Assert.True(held.IsHeld);
        Assert.False(held.Lost.IsCancellationRequested);
        _time.Advance(Step);

        Assert.False(held.IsHeld);
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.True(_provider.Renewals > 1);
    }

    [Fact]
    public async Task Who_asks_waits_for_a_keeper_that_is_away()
    {
        _provider.IsAway = true;
        var waiting = _locks.Acquire("stock");
        await Assert.ThrowsAsync<TransportUnavailableException>(() =>
            _locks.Acquire(new LockRequest("stock") { Wait = TimeSpan.Zero }));

        _provider.IsAway = false;
        await PassUntil(waiting, before: 0);

        await using var held = await waiting;
        Assert.True(held.IsHeld);
    }

    [Fact]
    public async Task A_lock_that_cannot_be_given_back_ends_automatically()
    {
        var held = await _locks.Acquire("stock");
        _provider.IsAway = true;
        await held.DisposeAsync();
        _provider.IsAway = false;

        var waiting = _locks.Acquire(new LockRequest("stock") { Wait = Long });
        await PassUntil(waiting, before: 0);

        await using var next = await waiting;
        Assert.True(next.Token > held.Token);
    }

    [Fact]
    public async Task What_a_lock_protects_refuses_whoever_has_lost_it()
    {
        var fences = new Fences(_store);
        var late = await _locks.Acquire(new LockRequest("stock") { RenewsItself = false });
        await fences.Pass("stock", late.Token);
        _time.Advance(Step * 11);
        await using var now = await _locks.Acquire("stock");
        await fences.Append("stock", now.Token, Append());
        await fences.Append("stock", now.Token, Append());

        var refused = await Assert.ThrowsAsync<FencedOffException>(() => fences.Append("stock", late.Token, Append()));

        Assert.Equal(("stock", late.Token, now.Token), (refused.Resource, refused.Token, refused.Greatest));
        Assert.Equal(2, (await _store.GetStream(new StreamId("guarded-1")))!.Version);
    }

    [Fact]
    public async Task What_cannot_be_asked_for_is_refused()
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
        new AppendRequest().To(new StreamId("guarded-1"), ExpectedVersion.Any, Given.Event());

    /// <summary>
    /// Lets time pass in small parts until something is done, and only while a caller waits for that: not while one
    /// asks for the lock, whose time would run out meanwhile.
    /// </summary>
    /// <param name="done">What is waited for.</param>
    /// <param name="before">How many timers were armed before it started to wait.</param>
    private Task PassUntil(Task done, int before) => Eventually.Holds(
        () =>
        {
            if (!done.IsCompleted && _time.ArmedTimers > before)
                _time.Advance(Step / 10);
            return done.IsCompleted;
        },
        Given.Bound);
}

namespace Millrace.Testing.Conformance.Locking;

/// <summary>Contains the conformance checks for lock providers.</summary>
internal static class LockChecks
{
    public static IReadOnlyList<(string Name, Func<LockProbe, Task> Run)> All { get; } =
    [
        ("A lock with an owner is refused to others on every node, with the owner and the remaining time", Refused),
        ("A released lock is free immediately, and its next token is greater", Released),
        ("A lock that is not renewed expires after its duration, and its next token is greater", Expires),
        ("A lock that is renewed does not expire", Renewed),
        ("An owner that has lost a lock can neither renew nor release it", Lost),
        ("An owner that acquires its lock again gets the same token", Taken_again),
        ("A lock is renewed and released only with its owner's name and token", Own_token),
        ("Locks with different names are independent", Separately),
        ("Names and owners may contain any character but NUL", Odd_names),
        ("Only one of many concurrent callers has the lock at a time, and tokens grow with each owner", One_at_a_time),
        ("Many callers on one node do not prevent another node from acquiring a lock", Not_to_itself),
    ];

    private static async Task Refused(LockProbe probe)
    {
        await probe.Take(probe.First, "anna", LockProbe.LongLease);

        foreach (var provider in new[] { probe.First, probe.Second })
        {
            var answer = await provider.TryTake(probe.Name(), "bert", LockProbe.LongLease, probe.Cancel);

            Expect.True(!answer.IsTaken, "a second owner acquired the lock");
            Expect.Equal("anna", answer.Holder, "the holder");
            Expect.True(
                answer.ExpiresIn > TimeSpan.FromSeconds(1)
                    && answer.ExpiresIn <= LockProbe.LongLease + TimeSpan.FromSeconds(1),
                $"the lock is reported to be free in {answer.ExpiresIn}");
        }
    }

    private static async Task Released(LockProbe probe)
    {
        var first = await probe.Take(probe.First, "anna", LockProbe.LongLease);

        var isReleased = await probe.First.Release(probe.Name(), "anna", first, probe.Cancel);
        var second = await probe.Take(probe.Second, "bert", LockProbe.LongLease);
        var again = await probe.First.Release(probe.Name(), "anna", first, probe.Cancel);

        Expect.True(isReleased, "the owner could not release the lock");
        Expect.True(second > first, $"the token {second} was assigned after {first}");
        Expect.True(!again, "a lock was released twice");
    }

    private static async Task Expires(LockProbe probe)
    {
        var first = await probe.Take(probe.First, "anna", LockProbe.ExpiringLease);

        var second = await probe.AcquireWhenFree(probe.Second, "bert");

        Expect.True(second > first, $"the token {second} was assigned after {first}");
    }

    private static async Task Renewed(LockProbe probe)
    {
        // If the machine pauses too long between two steps, the lock expires. The check then repeats with a longer
        // lease.
        for (var duration = LockProbe.ShortLease; ; duration *= 2)
        {
            var name = probe.Name($"for {duration}");
            var started = TimeProvider.System.GetTimestamp();
            var token = await probe.Take(probe.First, "anna", duration, name);
            var isRenewed = await probe.First.Renew(name, "anna", token, LockProbe.LongLease, probe.Cancel);
            Expect.True(
                isRenewed || TimeProvider.System.GetElapsedTime(started) >= duration,
                "the owner could not renew the lock");
            while (isRenewed && TimeProvider.System.GetElapsedTime(started) < duration + LockProbe.ExpiringLease)
            {
                var answer = await probe.Second.TryTake(name, "bert", LockProbe.LongLease, probe.Cancel);
                Expect.True(!answer.IsTaken, "another owner acquired a renewed lock");
                await Task.Delay(LockProbe.ExpiringLease / 4, TimeProvider.System, probe.Cancel);
            }
            if (isRenewed)
                return;
        }
    }

    private static async Task Lost(LockProbe probe)
    {
        var first = await probe.Take(probe.First, "anna", LockProbe.ExpiringLease);
        var second = await probe.AcquireWhenFree(probe.Second, "bert");

        var renewed = await probe.First.Renew(probe.Name(), "anna", first, LockProbe.LongLease, probe.Cancel);
        var released = await probe.First.Release(probe.Name(), "anna", first, probe.Cancel);
        var isKept = await probe.Second.Renew(probe.Name(), "bert", second, LockProbe.LongLease, probe.Cancel);

        Expect.True(!renewed, "a lost lock was renewed");
        Expect.True(!released, "another owner's lock was released");
        Expect.True(isKept, "the current owner lost the lock");
    }

    private static async Task Taken_again(LockProbe probe)
    {
        var first = await probe.Take(probe.First, "anna", LockProbe.LongLease);
        var again = await probe.Take(probe.Second, "anna", LockProbe.LongLease);

        Expect.Equal(first, again, "the token of the current owner");
    }

    private static async Task Own_token(LockProbe probe)
    {
        var token = await probe.Take(probe.First, "anna", LockProbe.LongLease);

        foreach (var (owner, otherToken) in new[] { ("bert", token), ("anna", token + 1) })
        {
            var renewed = await probe.First.Renew(probe.Name(), owner, otherToken, LockProbe.LongLease, probe.Cancel);
            var released = await probe.First.Release(probe.Name(), owner, otherToken, probe.Cancel);
            Expect.True(
                !renewed && !released,
                $"'{owner}' with the token {otherToken} renewed or released the lock of 'anna' with {token}");
        }
        Expect.True(
            await probe.First.Release(probe.Name(), "anna", token, probe.Cancel),
            "the owner could not release the lock");
    }

    private static async Task Separately(LockProbe probe)
    {
        var one = await probe.Take(probe.First, "anna", LockProbe.LongLease, probe.Name("one"));
        await probe.Take(probe.First, "bert", LockProbe.LongLease, probe.Name("other"));
        await probe.Take(probe.First, "carl", LockProbe.LongLease, probe.Name("ONE"));

        Expect.True(
            await probe.First.Renew(probe.Name("one"), "anna", one, LockProbe.LongLease, probe.Cancel),
            "a lock with another name affected the lock");
    }

    private static async Task Odd_names(LockProbe probe)
    {
        string[] names = ["a b", "é", "😀", "{x}", "a\nb", "'; DROP TABLE", "*", new string('x', 200)];
        foreach (var unusual in names)
        {
            var token = await probe.Take(probe.First, unusual, LockProbe.LongLease, probe.Name(unusual));
            var answer = await probe.Second.TryTake(probe.Name(unusual), "bert", LockProbe.LongLease, probe.Cancel);
            Expect.Equal(unusual, answer.Holder, "the holder");
            Expect.True(
                await probe.Second.Release(probe.Name(unusual), unusual, token, probe.Cancel),
                $"'{unusual}' could not release the lock");
        }
    }

    private static async Task One_at_a_time(LockProbe probe)
    {
        var inside = 0;
        var maxInside = 0;
        var last = 0L;
        var tokens = new List<long>();

        async Task Work(int worker)
        {
            var locks = new Locks(worker % 2 == 0 ? probe.First : probe.Second);
            for (var i = 0; i < 5; i++)
            {
                await using var held = await locks.Acquire(
                    new LockRequest(probe.Name()) { Duration = LockProbe.LongLease, Wait = LockProbe.LongLease },
                    probe.Cancel);
                maxInside = Math.Max(maxInside, Interlocked.Increment(ref inside));
                Expect.True(
                    held.Token > Interlocked.Exchange(ref last, held.Token),
                    "a token is not greater than the previous token");
                tokens.Add(held.Token); // Only one caller at a time gets to this line.
                await Task.Yield();
                Interlocked.Decrement(ref inside);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() => Work(worker), probe.Cancel)));

        Expect.Equal(1, maxInside, "the maximum number of callers that had the lock at the same time");
        Expect.Equal(40, tokens.Distinct().Count(), "the number of different tokens");
    }

    private static async Task Not_to_itself(LockProbe probe)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(probe.Cancel);
        var request = new LockRequest(probe.Name()) { Duration = LockProbe.LongLease, Wait = LockProbe.LongLease };
        var many = Enumerable.Range(0, 8).Select(_ => Task.Run(AcquireRepeatedly, probe.Cancel)).ToList();
        var locks = new Locks(probe.Second);

        for (var i = 0; i < 3; i++)
            await using (await locks.Acquire(request, probe.Cancel))
                await Task.Yield();

        await stop.CancelAsync();
        await Task.WhenAll(many);

        async Task AcquireRepeatedly()
        {
            while (!stop.IsCancellationRequested)
                await using (await new Locks(probe.First).Acquire(request, probe.Cancel))
                    await Task.Yield();
        }
    }
}

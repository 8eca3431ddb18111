using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Store;

/// <summary>Tests the commit queue with a storage whose commits block no thread, as on a server.</summary>
public sealed class CommitQueueOnPoolTests() : CommitQueueTests(commitsOnCallingThread: false)
{
    private static readonly AsyncLocal<string?> Caller = new();

    [Fact]
    public async Task The_caller_commits_a_single_request_and_the_loop_commits_requests_that_recently_overlapped()
    {
        var committers = new List<string?>();
        using var permits = new SemaphoreSlim(0);
        await using var storage = new FaultInjectingStorage(new InMemoryStorage())
        {
            CommitsOnCallingThread = false,
            BeforeCommit = async (_, _) =>
            {
                lock (committers)
                    committers.Add(Caller.Value);
                Assert.True(await permits.WaitAsync(TestData.WaitTimeout));
            },
        };
        await using var store = await TestData.Store(storage);

        var (first, second, third) = (Append(store, "first"), Append(store, "second"), Append(store, "third"));
        permits.Release(10);
        await Task.WhenAll(first, second, third).WaitAsync(TestData.WaitTimeout);
        await Eventually.Get(() => Task.FromResult(store.Queue.IsIdle), isIdle => isIdle);
        await Append(store, "fourth").WaitAsync(TestData.WaitTimeout);
        await Eventually.Get(() => Task.FromResult(store.Queue.IsIdle), isIdle => isIdle);
        await Append(store, "fifth").WaitAsync(TestData.WaitTimeout);

        Assert.Equal(["first", null, null, "fifth"], committers);
    }

    [Fact]
    public async Task Each_append_is_committed_once_while_callers_and_loop_alternate()
    {
        const int CallerCount = 16;
        const int AppendsPerCaller = 200;
        await using var storage = new FaultInjectingStorage(new InMemoryStorage())
        {
            CommitsOnCallingThread = false,
            BeforeCommit = async (_, number) =>
            {
                if (number % 3 == 0)
                    await Task.Yield();
            },
        };
        await using var store = await TestData.Store(storage);

        await Task.WhenAll(Enumerable.Range(0, CallerCount).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < AppendsPerCaller; i++)
            {
                var expected = i == 0 ? ExpectedVersion.NoStream : ExpectedVersion.Exactly(i);
                await store.Append(new StreamId($"s-{caller}"), expected, [TestData.Event()]);
                if (i % 7 == caller % 7)
                    await Task.Yield();
            }
        }))).WaitAsync(TestData.WaitTimeout);

        Assert.Equal(CallerCount * AppendsPerCaller, (await store.GetToken()).Position);
        await Eventually.Get(() => Task.FromResult(store.Queue.IsIdle), isIdle => isIdle);
    }

    private static Task<AppendResult> Append(EventStore store, string stream)
    {
        Caller.Value = stream;
        return store.Append(new StreamId(stream), ExpectedVersion.Any, [TestData.Event()]);
    }
}

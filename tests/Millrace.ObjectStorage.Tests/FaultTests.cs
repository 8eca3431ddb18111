using System.Diagnostics;
using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage.Tests;

/// <summary>Tests faults of servers and of the network between.</summary>
[Collection(ObjectServersCollection.Name)]
public sealed class FaultTests(ObjectServers servers)
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(number => (byte)number)];

    private static CancellationToken Cancel => CancellationToken.None;

    public static TheoryData<ObjectServer> Servers => ObjectServers.All;

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_request_that_the_server_throttles_is_repeated(ObjectServer server)
    {
        await using var faulty = await FaultyServer.Start(servers.AddressOf(server));
        var storage = servers.Open(server, new StorageSettings { Port = faulty.Port });
        faulty.Plan(Fault.SlowDown, Fault.SlowDown);

        await storage.Put("throttled", Content, Cancel);

        Assert.Equal(3, faulty.Requests);
        Assert.Equal(Content, (await servers.Open(server).Get("throttled", Cancel))!.Value.ToArray());
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task Retries_have_a_limit(ObjectServer server)
    {
        await using var faulty = await FaultyServer.Start(servers.AddressOf(server));
        var storage = servers.Open(server, new StorageSettings { Port = faulty.Port, MaxRetries = 1 });
        faulty.Plan(Fault.SlowDown, Fault.SlowDown, Fault.SlowDown);

        var failed = await Failed(() => storage.Put("object", Content, Cancel));

        Assert.Equal((ObjectStorageProblem.Unavailable, 2), (failed.Problem, faulty.Requests));
        Assert.Contains(storage.Description, failed.Message, StringComparison.Ordinal);
        Assert.Contains("SlowDown, HTTP 503", failed.Message, StringComparison.Ordinal);
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_late_answer_is_asked_for_again(ObjectServer server)
    {
        await servers.Open(server).Put("late", Content, Cancel);
        await using var faulty = await FaultyServer.Start(servers.AddressOf(server));
        var storage = servers.Open(
            server, new StorageSettings { Port = faulty.Port, AttemptTimeout = TimeSpan.FromSeconds(3) });
        faulty.Plan(Fault.Late);

        var content = await storage.Get("late", Cancel);

        Assert.Equal(Content, content!.Value.ToArray());
        Assert.True(faulty.Requests > 1);
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_server_that_does_not_answer_is_unavailable_after_the_timeout(ObjectServer server)
    {
        await using var faulty = await FaultyServer.Start(servers.AddressOf(server));
        var storage = servers.Open(server, new StorageSettings
        {
            Port = faulty.Port,
            AttemptTimeout = TimeSpan.FromMilliseconds(200),
            Timeout = TimeSpan.FromMilliseconds(300),
        });
        faulty.Plan([.. Enumerable.Repeat(Fault.Late, 10)]);

        foreach (var failed in await FailedCalls(storage))
        {
            Assert.Equal(ObjectStorageProblem.Unavailable, failed.Problem);
            Assert.Contains("did not answer within 00:00:00.2", failed.Message, StringComparison.Ordinal);
        }
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task An_answer_that_ends_too_early_is_read_again(ObjectServer server)
    {
        await servers.Open(server).Put("truncated", Content, Cancel);
        await using var faulty = await FaultyServer.Start(servers.AddressOf(server));
        var storage = servers.Open(server, new StorageSettings { Port = faulty.Port });
        faulty.Plan(Fault.Truncated);

        var content = await storage.Get("truncated", Cancel);

        Assert.Equal(Content, content!.Value.ToArray());
        Assert.Equal(2, faulty.Requests);
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_server_that_refuses_connections_is_unavailable(ObjectServer server)
    {
        var storage = servers.Open(server, new StorageSettings { Port = FreePorts.Take(), MaxRetries = 0 });

        foreach (var failed in await FailedCalls(storage))
        {
            Assert.Equal(ObjectStorageProblem.Unavailable, failed.Problem);
            Assert.Contains("cannot be reached (Connection refused", failed.Message, StringComparison.Ordinal);
        }
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task Wrong_credentials_are_denied_without_retries(ObjectServer server)
    {
        await using var faulty = await FaultyServer.Start(servers.AddressOf(server));
        var storage = servers.Open(server, new StorageSettings { Port = faulty.Port, HasWrongSecret = true });

        var failed = await FailedCalls(storage);

        Assert.All(failed, error => Assert.Equal(ObjectStorageProblem.Denied, error.Problem));
        Assert.All(failed, error => Assert.Contains("Check the credentials", error.Message, StringComparison.Ordinal));
        Assert.Equal(failed.Count, faulty.Requests);
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_missing_place_is_not_a_missing_object(ObjectServer server)
    {
        var storage = servers.Open(server, new StorageSettings { Place = "no-such-place" });

        foreach (var failed in await FailedCalls(storage))
        {
            Assert.Equal(ObjectStorageProblem.Unavailable, failed.Problem);
            Assert.Contains("does not exist", failed.Message, StringComparison.Ordinal);
            Assert.Contains("'no-such-place'", failed.Message, StringComparison.Ordinal);
        }
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_full_server_is_full(ObjectServer server)
    {
        await using var faulty = await FaultyServer.Start(servers.AddressOf(server));
        var storage = servers.Open(server, new StorageSettings { Port = faulty.Port });
        faulty.Plan(new Fault(507, "InsufficientStorage"));

        var failed = await Failed(() => storage.Put("object", Content, Cancel));

        Assert.Equal((ObjectStorageProblem.Full, true), (failed.Problem, failed.IsTransient));
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_cancelled_operation_does_not_wait_for_the_server(ObjectServer server)
    {
        await using var faulty = await FaultyServer.Start(servers.AddressOf(server));
        var storage = servers.Open(server, new StorageSettings { Port = faulty.Port });
        faulty.Plan(Fault.Late);
        using var cancelling = new CancellationTokenSource();
        var started = Stopwatch.GetTimestamp();

        var get = storage.Get("object", cancelling.Token).AsTask();
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30)); // An attempt has a minute.
    }

    [ObjectServersFact]
    public async Task A_server_that_lists_names_in_another_order_is_refused()
    {
        await using var faulty = await FaultyServer.Start(servers.AddressOf(ObjectServer.S3));
        var storage = servers.Open(ObjectServer.S3, new StorageSettings { Port = faulty.Port });
        faulty.Plan(new Fault(200, Body:
            "<ListBucketResult><Contents><Key>a/1</Key><Size>1</Size></Contents>"
            + "<Contents><Key>a-1</Key><Size>1</Size></Contents></ListBucketResult>"));

        var failed = await Failed(() => List(storage));

        Assert.Equal(ObjectStorageProblem.Other, failed.Problem);
        Assert.Contains("it lists 'a-1' after 'a/1'", failed.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<ObjectStorageException>> FailedCalls(IObjectStorage storage) =>
    [
        await Failed(() => storage.Put("object", Content, Cancel)),
        await Failed(async () => await storage.Get("object", Cancel)),
        await Failed(() => List(storage)),
        await Failed(() => storage.Delete("object", Cancel)),
    ];

    private static async ValueTask List(IObjectStorage storage)
    {
        await foreach (var _ in storage.List("", Cancel))
        {
        }
    }

    private static Task<ObjectStorageException> Failed(Func<ValueTask> call) =>
        Assert.ThrowsAsync<ObjectStorageException>(async () => await call());
}

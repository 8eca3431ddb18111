using Millrace.Locking;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

/// <summary>Runs the conformance checks of the lock provider with two nodes on one database.</summary>
public sealed class LockConformanceTests : LockConformance, IAsyncLifetime
{
    private SharedDatabase _database = null!; // Created before each test.

    public static TheoryData<string> CheckNames => new(Checks);

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Other tests and builds share the processor.

    [PostgreSqlTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    [PostgreSqlFact]
    public async Task A_commit_with_the_token_of_an_ended_lock_is_refused_and_writes_nothing()
    {
        var first = await _database.Open(CancellationToken.None);
        var second = await _database.Open(CancellationToken.None);
        var late = await Locks
            .Of(first)
            .Acquire(
                new LockRequest("stock") { Duration = TimeSpan.FromMilliseconds(200), RenewsAutomatically = false });
        await using var now = await Locks
            .Of(second)
            .Acquire(new LockRequest("stock") { Wait = TimeSpan.FromMinutes(1) });
        await new Fences(second).Append("stock", now.Token, Event());

        var refused = await Assert.ThrowsAsync<FencedOffException>(() =>
            new Fences(first).Append("stock", late.Token, Event()));

        Assert.True(late.Lost.IsCancellationRequested || !late.IsHeld);
        Assert.Equal((late.Token, now.Token), (refused.Token, refused.Greatest));
        Assert.Equal(1, (await first.GetInfo()).Events);
    }

    public async Task InitializeAsync() => _database = await SharedDatabase.Create();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    protected override async ValueTask<ILockProvider> Create(CancellationToken cancellationToken) =>
        new StoreLockProvider(await _database.Open(cancellationToken));

    private static AppendRequest Event() => new AppendRequest().To(
        new StreamId("guarded-1"), ExpectedVersion.Any, NewEvent.FromBytes("thing.happened", new byte[1]));
}

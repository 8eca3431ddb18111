using System.Net;
using Millrace.Orleans.Membership;
using Orleans;
using Orleans.Runtime;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of the table in which nodes find each other.</summary>
[Collection(nameof(Cluster))]
public sealed class MembershipTableTests(Cluster cluster)
{
    [PostgreSqlFact]
    public async Task Of_concurrent_changes_of_a_version_one_succeeds()
    {
        await using var table = await Create("concurrent");
        var version = (await table.ReadAll()).Version;

        var inserted = await Task.WhenAll(
            Enumerable.Range(1, 5).Select(port => table.InsertRow(EntryOf(port), version.Next())));

        Assert.Single(inserted, isInserted => isInserted);
        var found = await table.ReadAll();
        Assert.Single(found.Members);
        Assert.Equal(version.Version + 1, found.Version.Version);
    }

    [PostgreSqlFact]
    public async Task A_node_is_read_as_it_was_written_and_changed_only_at_its_version()
    {
        await using var table = await Create("changed");
        var entry = EntryOf(1);
        Assert.True(await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));
        var (_, etag) = (await table.ReadRow(entry.SiloAddress)).Members[0];
        entry.Status = SiloStatus.Active;
        entry.AddSuspector(EntryOf(2).SiloAddress, entry.StartTime.AddSeconds(1));

        Assert.False(await table.UpdateRow(entry, "7", (await table.ReadAll()).Version.Next()));
        Assert.True(await table.UpdateRow(entry, etag, (await table.ReadAll()).Version.Next()));
        Assert.False(await table.UpdateRow(entry, etag, (await table.ReadAll()).Version.Next()));

        var read = (await table.ReadRow(entry.SiloAddress)).Members[0].Item1;
        Assert.Equal(entry.ToFullString(), read.ToFullString());
        Assert.Equal(entry.SuspectTimes, read.SuspectTimes);
        Assert.Equal(2, (await table.ReadAll()).Version.Version);
        Assert.Empty((await table.ReadRow(EntryOf(3).SiloAddress)).Members);
    }

    [PostgreSqlFact]
    public async Task Nodes_that_ended_long_ago_are_removed()
    {
        await using var table = await Create("removed");
        foreach (var (port, status) in new[] { (1, SiloStatus.Active), (2, SiloStatus.Dead) })
        {
            var entry = EntryOf(port);
            entry.Status = status;
            Assert.True(await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));
        }

        await table.CleanupDefunctSiloEntries(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(SiloStatus.Active, Assert.Single((await table.ReadAll()).Members).Item1.Status);
        await table.DeleteMembershipTableEntries("removed");
        Assert.Empty((await table.ReadAll()).Members);
    }

    private async Task<PostgreSqlMembershipTable> Create(string name)
    {
        var table = new PostgreSqlMembershipTable(cluster.Address, name);
        await table.InitializeMembershipTable(tryInitTableVersion: true);
        return table;
    }

    private static MembershipEntry EntryOf(int port) => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), 1),
        Status = SiloStatus.Joining,
        HostName = "host",
        SiloName = $"silo-{port}",
        StartTime = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        IAmAliveTime = new DateTime(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc),
    };
}

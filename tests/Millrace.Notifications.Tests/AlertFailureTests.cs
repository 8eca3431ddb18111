using System.Text;
using Millrace.Alerting;
using Millrace.Monitoring;
using Millrace.Storage;
using Millrace.Testing;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>Alerts if a document cannot be read, and errors that are logged again.</summary>
public sealed class AlertFailureTests
{
    private static readonly AlertRule Other = Immediate with { Name = "another", Channels = ["second"] };

    [Theory]
    [InlineData(AlertStore.Alerts, "another")]
    [InlineData(AlertStore.Queues, "second")]
    [InlineData(AlertStore.Evaluations, "last")]
    public async Task A_document_that_cannot_be_read_stops_only_its_rule_or_channel(string collection, string key)
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await AlertNode.Open(shared.Open(), Other, Immediate);
        await node.Documents.EnsureCollections(default);
        await Damage(node, collection, key);
        await using var service = node.CreateService(Of(11));
        Assert.True(await service.RunOnce(default));
        await service.WaitForSending(default).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["Fired busy-1"], node.First.Items);
        if (collection != AlertStore.Alerts)
            Assert.Equal("another-1", Assert.Single((await node.Alerts.FindRule("another"))!.Alerts).Id);
    }

    [Fact]
    public async Task Notices_are_sent_although_the_rules_cannot_be_evaluated()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        await node.Evaluate(Start, Of(11));
        node.Fails = true;
        await using var service = node.CreateService();
        Assert.True(await service.RunOnce(default));
        await service.WaitForSending(default).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["Fired busy-1"], node.First.Items);
    }

    [Fact]
    public async Task The_alerts_of_a_rule_that_only_another_node_has_are_not_resolved()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var upgraded = await AlertNode.Open(shared.Open(), Immediate, Other);
        await using var former = await AlertNode.Open(shared.Open(), Immediate);
        await using (var service = upgraded.CreateService())
            await service.Declare(default);
        await upgraded.Evaluate(Start, Of(11));
        await former.Evaluate(Start.AddSeconds(15), Of(11));
        Assert.Equal("another-1", Assert.Single((await upgraded.Alerts.FindRule("another"))!.Alerts).Id);
        await using (var service = former.CreateService())
            await service.Declare(default);
        await former.Evaluate(Start.AddSeconds(30), Of(11));
        Assert.Empty((await upgraded.Alerts.FindRule("another"))!.Alerts);
    }

    [Fact]
    public void An_error_is_logged_again_if_it_changes_or_lasts()
    {
        var time = new ManualTimeProvider();
        var errors = new ReportedErrors(time);
        Assert.True(errors.IsNew("busy", new InvalidOperationException("one")));
        Assert.False(errors.IsNew("busy", new InvalidOperationException("one")));
        Assert.True(errors.IsNew("another", new InvalidOperationException("one")));
        Assert.True(errors.IsNew("busy", new InvalidOperationException("two")));
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(errors.IsNew("busy", new InvalidOperationException("two")));
        errors.Clear("busy");
        Assert.True(errors.IsNew("busy", new InvalidOperationException("two")));
    }

    private static async Task Damage(AlertNode node, string collection, string key)
    {
        var request = new AppendRequest();
        request.With(new DocumentChange
        {
            Collection = collection,
            Key = key,
            Body = Encoding.UTF8.GetBytes("""{ "series": [{ "state": "Unknown" }], "items": 7, "at": "never" }"""),
        });
        await node.Store.TryAppend(request, default);
    }
}

using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests a node in a separate program that is killed between storing the state of an alert and sending its notice, and
/// between sending the notice and recording that it was sent.
/// </summary>
public sealed class AlertKillTests : IDisposable
{
    private const string FirstAlert = AlertingNode.First + "-1";
    private const string LaterAlert = AlertingNode.Later + "-1";

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-alert-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(AlertingNode.Stored)]
    [InlineData(AlertingNode.Sending)]
    [InlineData(AlertingNode.Accepted)]
    public async Task The_restarted_node_sends_the_notice_on_SQLite(string step)
    {
        var store = Path.Combine(_directory, "store.db");
        var notices = NoticesOf(step);
        await KilledStep.Run(store, step, Variables(notices, step));
        await CheckKilled(store, notices, step);

        using var node = AlertingNode.Create(store, notices);
        await node.StartAsync();
        await CheckSent(store, notices, step);
        await node.StopAsync();
    }

    [PostgreSqlFact]
    public async Task Another_node_sends_the_notice_of_a_killed_node_once_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        await Task.WhenAll(
            CheckTwoNodes(await KilledStep.AddressOf(server), AlertingNode.Stored),
            CheckTwoNodes(await KilledStep.AddressOf(server), AlertingNode.Sending),
            CheckTwoNodes(await KilledStep.AddressOf(server), AlertingNode.Accepted));
    }

    /// <summary>Kills one of two nodes at a step, while the other one runs too.</summary>
    private async Task CheckTwoNodes(string store, string step)
    {
        var notices = NoticesOf(step);
        using var other = AlertingNode.Create(store, notices);
        await KilledStep.Run(
            store,
            step,
            async () =>
            {
                await CheckKilled(store, notices, step);
                await other.StartAsync();
            },
            Variables(notices, step));

        await CheckSent(store, notices, step);
        await other.StopAsync();
    }

    /// <summary>
    /// Checks that a node that stopped at a step has stored the alert, and that the receiver has the notice only if it
    /// has accepted it.
    /// </summary>
    private static async Task CheckKilled(string store, string notices, string step)
    {
        await using var open = await EventStore.Open(ExpiringNode.Open(store), EventTypeMap.Empty);
        var entries = await Alerts.Of(open).History();

        Assert.Single(entries, static entry => entry.Kind == "fired" && entry.Alerts.Contains(FirstAlert));
        Assert.DoesNotContain(entries, static entry => entry.Kind == "notified");
        Assert.Equal(step == AlertingNode.Accepted ? 1 : 0, ReadNotices(notices).Length);
    }

    /// <summary>
    /// Waits for the notice of the second alert, which fires some evaluations later, and checks that the first one was
    /// sent once.
    /// </summary>
    private static async Task CheckSent(string store, string notices, string step)
    {
        var lines = await Eventually.Get(
            () => Task.FromResult(ReadNotices(notices)),
            static lines => lines.Any(static line => line.EndsWith(" Fired " + LaterAlert, StringComparison.Ordinal)),
            KilledStep.WaitTimeout);
        await using var open = await EventStore.Open(ExpiringNode.Open(store), EventTypeMap.Empty);
        var entries = await Eventually.Get(
            async () => await Alerts.Of(open).History(),
            static entries => entries.Count(static entry => entry.Kind == "notified") >= 2,
            KilledStep.WaitTimeout);

        var first = lines.Where(static line => line.EndsWith(FirstAlert, StringComparison.Ordinal));
        // A receiver that had accepted the notice gets it again, and recognizes it by its id.
        Assert.Equal(step == AlertingNode.Accepted ? 2 : 1, first.Count());
        Assert.Single(first.Distinct());
        Assert.Single(entries, static entry => entry.Kind == "notified" && entry.Alerts.Contains(FirstAlert));
        Assert.Equal(2, entries.Count(static entry => entry.Kind == "fired"));
    }

    private string NoticesOf(string step) => Path.Combine(_directory, $"notices-{step}.txt");

    private static (string Name, string Value)[] Variables(string notices, string step) =>
        [(AlertingNode.StepVariable, step), (AlertingNode.FileVariable, notices)];

    private static string[] ReadNotices(string file) =>
        File.Exists(file) ? File.ReadAllLines(file) : [];
}

using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.Messaging.Tests;

/// <summary>Tests the report of members with sensitive names in events without a CLR type.</summary>
public sealed class UnmarkedMemberTests : IDisposable
{
    private const string Marker = "MarkerMail1815";

    private readonly RecordedLog _log = new(LogLevel.Warning);

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_member_is_reported_once_without_its_value()
    {
        await using var node = await Start();

        for (var i = 0; i < 3; i++)
            await Append(node, "lead.found", $$"""{"contact":{"email":"{{Marker}}"},"size":{{i}}}""");

        Assert.Equal([new UnmarkedMember("lead.found", "/contact/email", "email")], node.Unmarked.List());
        var warning = Assert.Single(_log.Entries, static entry => entry.Id == 1016);
        Assert.Contains("/contact/email", warning.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Marked_and_declared_members_and_types_with_a_class_are_not_reported()
    {
        await using var node = await Start(static model => model
            .Protect("lead.found", new ProtectedMember("/email"))
            .DeclarePlain("lead.found", "/shop/phone")
            .DeclarePlain("lead.lost"));

        await Append(node, "lead.found", """{"email":"x","shop":{"phone":"1"}}""");
        await Append(node, "lead.lost", """{"token":"1"}""");
        await node.Store.Append(new StreamId("order-1"), ExpectedVersion.Any, [new Placed("1", 5)]);

        Assert.Empty(node.Unmarked.List());
        Assert.DoesNotContain(_log.Entries, static entry => entry.Id == 1016);
    }

    [Fact]
    public async Task The_number_of_members_is_limited()
    {
        await using var node = await Start();

        for (var type = 0; type < 11; type++)
        {
            var members = Enumerable.Range(0, 100)
                .Select(static i => $"\"{(char)('a' + (i % 26))}{new string('x', i / 26)}_token\":1");
            await Append(node, $"many.t{type}", $"{{{string.Join(',', members)}}}");
        }

        Assert.Equal(1_000, node.Unmarked.List().Count);
        Assert.Equal(1_000, _log.Entries.Count(static entry => entry.Id == 1016));
        Assert.Single(_log.Entries, static entry => entry.Id == 1017);
    }

    [Fact]
    public async Task The_newest_stored_events_are_searched_without_a_model()
    {
        await using var node = await Start(static model => model.Protect("lead.found", new ProtectedMember("/email")));
        await Append(node, "old.found", """{"token":"1"}""");
        for (var i = 0; i < 5; i++)
            await Append(node, "lead.found", $$"""{"email":"{{Marker}}","phone":{{i}}}""");

        var all = await UnmarkedMembers.FindIn(node.Store, 1_000);
        var newest = await UnmarkedMembers.FindIn(node.Store, 5);

        Assert.Equal(
            [new UnmarkedMember("lead.found", "/phone", "phone"), new UnmarkedMember("old.found", "/token", "token")],
            all);
        Assert.Equal([new UnmarkedMember("lead.found", "/phone", "phone")], newest);
    }

    private static Task<AppendResult> Append(Node node, string type, string json) =>
        node.Store.Append(
            new StreamId("lead-1"), ExpectedVersion.Any, [NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json))]);

    private Task<Node> Start(Action<ModelBuilder>? configure = null) =>
        Node.Start(millrace =>
        {
            millrace.Services.AddSingleton<ILoggerFactory>(_log);
            millrace.UseInMemoryKeys();
            if (configure is not null)
                millrace.AddModel(configure);
        });
}

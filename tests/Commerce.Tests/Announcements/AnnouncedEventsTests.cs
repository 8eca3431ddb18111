using System.Text.Json.Nodes;
using Commerce.Announcements;
using Commerce.Services;
using Millrace.Messaging;

namespace Commerce.Tests.Announcements;

public sealed class AnnouncedEventsTests
{
    /// <summary>If a member no longer existed, the announcement would silently omit it.</summary>
    [Fact]
    public void Every_announced_member_exists_in_the_newest_version_of_its_event()
    {
        var contract = JsonNode.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "events.contract.json")))!["events"]!;
        var shopEvents = AnnouncedEvents
            .All.Where(announced => !announced.Event.StartsWith("processes.", StringComparison.Ordinal))
            .ToList();

        Assert.All(shopEvents, announcement =>
        {
            var versions = contract[announcement.Event]!.AsObject();
            // Two versions may announce different members. Define a rule before an event has a second version.
            Assert.Single(versions);
            var members = versions.Single().Value!.AsObject().Select(member => member.Key.TrimEnd('?'));
            Assert.Subset(members.ToHashSet(), announcement.Members.ToHashSet());
        });
    }

    [Fact]
    public void Each_event_has_one_publisher_in_a_shop_of_two_services()
    {
        var published = AnnouncedEvents
            .Of(ShopRole.Orders)
            .Concat(AnnouncedEvents.Of(ShopRole.Inventory))
            .Select(announced => announced.Event);

        Assert.Equal(
            AnnouncedEvents.Of(ShopRole.Whole).Select(announced => announced.Event).Order(), published.Order());
    }

    [Fact]
    public async Task Unannounced_events_are_skipped_unreadable_ones_refused_and_other_types_published_unchanged()
    {
        var broker = new InMemoryBroker();
        await using var transport = new AnnouncingTransport(new InMemoryTransport(broker), AnnouncedEvents.All);
        await transport.Declare(
            new TransportTopology([], [new Subscription("all", "inventory-events")]), CancellationToken.None);
        OutgoingMessage Of(string type, string stream, string body) =>
            new(
                "inventory-events",
                new Message
                {
                    Id = stream,
                    Type = type,
                    Subject = stream,
                    Body = System.Text.Encoding.UTF8.GetBytes(body),
                }
            );

        var outcomes = await transport.Publish(
            [
                Of("processes.step-failed", "process-fulfilment-7", """{"step":"request-payment","reason":"no"}"""),
                Of("processes.step-failed", "process-first-stock-7", """{"step":"bring-first-stock","reason":"no"}"""),
                Of("inventory.released", "inventory-7", "no JSON"),
                Of("processes.step-failed", "process-fulfilment-8", """{"step":"reserve-stock","reason":"too few"}"""),
                // The configuration has a route for this type, so the message is published unchanged.
                Of("something.else", "inventory-8", "unchanged"),
            ],
            CancellationToken.None);

        Assert.Equal(
            [
                PublishResult.Confirmed,
                PublishResult.Confirmed,
                PublishResult.Refused,
                PublishResult.Confirmed,
                PublishResult.Confirmed,
            ],
            outcomes.Select(outcome => outcome.Result));
        Assert.Equal(2, broker.Waiting("all"));
    }
}

using System.Text.Json.Serialization;

namespace Millrace.Tests;

/// <summary>Tests of the descriptions of events, their versions and their use in read models.</summary>
public sealed class RegistryTests
{
    private static readonly IReadOnlyList<EventDescription> Shop = Describe<After.Shop>();

    [Fact]
    public void A_version_lists_the_results_of_its_upcaster_and_the_types_it_is_read_as()
    {
        var placed = Shop.Single(found => found.Name == "order.placed");

        Assert.Equal([1, 2, 3], placed.Versions.Select(version => version.Version));
        Assert.Equal(["order.placed@2", "order.address-given@1"], Texts(placed.Versions[0].Becomes));
        Assert.Equal(["order.placed@3", "order.address-given@1"], Texts(placed.Versions[0].ReadAs));
        Assert.Equal(["order.placed@3"], Texts(placed.Versions[1].Becomes));
        Assert.Empty(placed.Versions[2].Becomes);
        Assert.Equal(["order.placed@3"], Texts(placed.Versions[2].ReadAs));
        Assert.Equal(["order.created"], placed.FormerNames);
        Assert.Equal(["order", "total", "address"], placed.Versions[0].Members.Select(member => member.Name));
    }

    [Fact]
    public void Versions_without_a_record_and_the_oldest_compatible_version_are_listed()
    {
        var noted = Shop.Single(found => found.Name == "order.noted");
        var paid = Shop.Single(found => found.Name == "order.paid");

        Assert.Equal(
            [(1, false), (2, false), (3, true)],
            noted.Versions.Select(version => (version.Version, version.ClrType is not null)));
        Assert.Equal(["order.noted@2"], Texts(noted.Versions[0].Becomes));
        Assert.Equal([0, 1], paid.Versions.Select(version => version.ReadableBy));
    }

    [Fact]
    public void A_merged_event_names_the_event_that_it_is_merged_into()
    {
        var phone = Describe<Examples>().Single(found => found.Name == "contact.phone-set");

        Assert.Equal(
            ["contact.set@1", "contact.set@1"],
            phone.Versions.Select(version => version.MergedInto.ToString()));
    }

    [Fact]
    public void Each_version_lists_where_its_members_are_used_and_a_hand_written_fold_is_unknown()
    {
        var model = new ModelBuilder();
        Examples.Register(model);
        model.Projection(new ProjectionDefinition<string, ContactCard>
        {
            Name = "by-hand",
            Version = 1,
            Events = [typeof(PhoneSet)],
            Create = static () => new HandWrittenProjection(),
            Document = ContactJson.Default.ContactCard,
        });

        var described = model.BuildCatalog().Describe();
        var phone = described.Events.Single(found => found.Name == "contact.phone-set");
        var shown = phone.Versions.SelectMany(version => version.ShownIn).ToList();
        var byHand = shown.Where(flow => flow.ReadModel == "by-hand").ToList();

        Assert.Contains(new("contact.phone-set", 2, "phone", "contact-cards", "phone", MemberFlowKind.Value), shown);
        Assert.Contains(new("contact.phone-set", 2, null, "contact-cards", "events", MemberFlowKind.Occurrence), shown);
        Assert.Equal([new("contact.phone-set", 2, null, "by-hand", null, MemberFlowKind.Unknown)], byHand);
        Assert.Equal(byHand, described.ReadModels.Single(found => found.Name == "by-hand").MemberFlows);
    }

    private static IEnumerable<string> Texts(IEnumerable<EventVersionName> names) =>
        names.Select(name => name.ToString());

    private static IReadOnlyList<EventDescription> Describe<TModel>()
        where TModel : IModel
    {
        var model = new ModelBuilder();
        TModel.Register(model);
        return model.BuildCatalog().Describe().Events;
    }

    private sealed class HandWrittenProjection : Projection<string, ContactCard>
    {
        protected override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(recorded.Stream.Key);

        protected override ContactCard? Fold(string key, ContactCard? document, RecordedEvent recorded) => document;
    }
}

[JsonSerializable(typeof(ContactCard))]
internal sealed partial class ContactJson : JsonSerializerContext;

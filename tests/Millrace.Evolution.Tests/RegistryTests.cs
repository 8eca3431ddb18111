namespace Millrace.Tests;

/// <summary>Every event with its versions, and what becomes of each.</summary>
public sealed class RegistryTests
{
    private static readonly IReadOnlyList<EventDescription> Shop = Describe<After.Shop>();

    [Fact]
    public void A_version_says_what_its_upcaster_makes_of_it_and_what_it_is_read_as()
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
    public void Versions_that_only_JSON_is_left_of_are_there_and_who_else_can_read_one()
    {
        var noted = Shop.Single(found => found.Name == "order.noted");
        var paid = Shop.Single(found => found.Name == "order.paid");

        Assert.Equal([(1, false), (2, false), (3, true)], noted.Versions.Select(version => (version.Version, version.ClrType is not null)));
        Assert.Equal(["order.noted@2"], Texts(noted.Versions[0].Becomes));
        Assert.Equal([0, 1], paid.Versions.Select(version => version.ReadableBy));
    }

    [Fact]
    public void What_is_merged_says_into_what()
    {
        var phone = Describe<Examples>().Single(found => found.Name == "contact.phone-set");

        Assert.Equal(["contact.set@1", "contact.set@1"], phone.Versions.Select(version => version.MergedInto.ToString()));
    }

    private static IEnumerable<string> Texts(IEnumerable<EventVersionName> names) => names.Select(name => name.ToString());

    private static IReadOnlyList<EventDescription> Describe<TModel>()
        where TModel : IModel
    {
        var model = new ModelBuilder();
        TModel.Register(model);
        return model.BuildCatalog().Describe().Events;
    }
}

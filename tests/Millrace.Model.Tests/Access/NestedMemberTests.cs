using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Hosting.Access;

namespace Millrace.Model.Tests.Access;

/// <summary>Tests of members below the top level, and of answers that are JSON of any form.</summary>
public sealed class NestedMemberTests
{
    private const string Limited =
        """{"number":7,"address":{"city":"Bath"},"parcels":"""
            + """[{"content":"***","weight":3},{"content":"***","weight":2}],"contacts":"""
            + """{"home":{"phone":"***"},"work":{"phone":"***"}},"extra":{"address":"kept"}}""";

    [Fact]
    public async Task Members_of_objects_lists_and_maps_are_left_out_and_masked()
    {
        await using var host = await Start();

        Assert.Equal(Limited, await Ask(host, "find-shipment", new FindShipment(), "clerk"));
        Assert.Contains("Elm Street", await Ask(host, "find-shipment", new FindShipment(), "clerk", "manager"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_a_value_the_members_have_their_default()
    {
        await using var host = await Start();

        var found = (await host.Queries.Ask(
            new FindShipment(), new AskOptions { User = AccessUsers.User("carl", "clerk") })).Value;

        Assert.Equal(new Address(null, "Bath"), found.Address);
        Assert.Equal(["***", "***"], found.Parcels.Select(parcel => parcel.Content));
    }

    [Theory]
    [InlineData("show-node", """{"count":1,"all":[%]}""")]
    [InlineData("show-element", "%")]
    public async Task Members_are_left_out_of_all_objects_in_JSON_of_any_form(string name, string expected)
    {
        await using var host = await Start();
        object query = name == "show-node" ? new ShowNode() : new ShowElement();

        Assert.Equal(
            expected.Replace("%", Limited, StringComparison.Ordinal), await Ask(host, name, query, "clerk"));
        await Assert.ThrowsAsync<AccessDeniedException>(() => Ask(host, name, query, "guest"));
    }

    [Theory]
    [InlineData("view shipment without address.street", """{"street":"Elm 1","city":"Bath"}""", """{"city":"Bath"}""")]
    [InlineData("view shipment without address.street", """{"of":[{"Street":"Elm Street 1"}]}""", """{"of":[{}]}""")]
    [InlineData("view shipment without address.street", """{"address.street":"Elm 1","n":1}""", """{"n":1}""")]
    [InlineData("view shipment without address.street", """{"to.Street":"Elm 1","n":1}""", """{"n":1}""")]
    [InlineData("view shipment masking parcels.content", """{"a.content":"gin"}""", """{"a.content":"***"}""")]
    [InlineData("view shipment without address", """{"street":"Elm Street 1"}""", null)]
    [InlineData("view shipment masking contacts.*", """{"home":{"phone":"555-1"}}""", null)]
    [InlineData("view shipment without parcels.content", """["books"]""", null)]
    public async Task A_part_of_a_document_in_JSON_of_any_form_has_its_limits_or_is_denied(
        string right, string part, string? expected)
    {
        await using var host = await BankHost.Start(millrace => millrace
            .AddModel<ShipmentList>()
            .AddAccessControl(access => access.Role("clerk", role => role.May(right))));
        var access = host.Services.GetRequiredService<AccessControl>();

        var shown = await Record.ExceptionAsync(async () => Assert.Equal(
            expected,
            (await access.Filter(AccessUsers.User("carl", "clerk"), JsonNode.Parse(part), typeof(JsonNode)))!
                .ToJsonString()));

        if (expected is null)
            Assert.Contains("declare an answer", Assert.IsType<AccessDeniedException>(shown).Reason);
        else
            Assert.Null(shown);
    }

    [Theory]
    [InlineData(typeof(string), true)]
    [InlineData(typeof(long), true)]
    [InlineData(typeof(DateTimeOffset), true)]
    [InlineData(typeof(byte[]), true)]
    [InlineData(typeof(Tuple<string>), false)]
    [InlineData(typeof((string, int)), false)]
    [InlineData(typeof(string[]), false)]
    [InlineData(typeof(object), false)]
    public void Only_known_types_without_a_description_have_no_members(Type type, bool expected) =>
        Assert.Equal(expected, MemberPaths.IsTextOrNumber(type));

    [Theory]
    [InlineData("view shipment without address.stret", "did you mean 'street' instead of 'stret'?")]
    [InlineData("view shipment without parcels.size", "there is no attribute of shipment 'parcels.size'")]
    [InlineData("view shipment masking number.x", "there is no attribute of shipment 'number.x'")]
    public async Task Unknown_members_below_the_top_level_are_refused(string right, string problem)
    {
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => BankHost.Start(millrace => millrace
            .AddModel<ShipmentList>()
            .AddAccessControl(access => access.Role("clerk", role => role.May(right)))));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explanation_names_a_member_below_the_top_level()
    {
        await using var host = await Start();
        var access = host.Services.GetRequiredService<AccessControl>();
        var clerk = AccessUsers.User("carl", "clerk");

        var street = await access.Explain(clerk, AccessPermission.Parse("view shipment.address.street"));
        var city = await access.Explain(clerk, AccessPermission.Parse("view shipment.address.city"));

        Assert.Equal((false, true), (street.IsAllowed, city.IsAllowed));
        Assert.Equal(["address.street"], street.HiddenMembers);
        Assert.Equal(["contacts.*.phone", "parcels.content"], street.MaskedMembers);
    }

    [Fact]
    public async Task Sorting_by_a_member_with_a_limit_below_is_denied()
    {
        await using var host = await Start();
        var access = host.Services.GetRequiredService<AccessControl>();

        await Assert.ThrowsAsync<AccessDeniedException>(() => access.DemandMembers(
            AccessUsers.User("carl", "clerk"), typeof(Shipment), ["address"]).AsTask());
        await access.DemandMembers(AccessUsers.User("carl", "clerk"), typeof(Shipment), ["number"]);
    }

    private static async Task<string> Ask(BankHost host, string name, object query, params string[] roles)
    {
        var definition = host.Services.GetRequiredService<ModelCatalog>().FindQuery(name)!;
        var options = new AskOptions { User = AccessUsers.User("carl", roles) };
        var answer = (await definition.Ask(host.Queries, query, options, CancellationToken.None)).Value;
        return answer is JsonNode node
            ? node.ToJsonString()
            : System.Text.Json.JsonSerializer.Serialize((Shipment)answer!, ShipmentJson.Default.Shipment);
    }

    private static Task<BankHost> Start() => BankHost.Start(millrace => millrace
        .AddModel<ShipmentList>()
        .AddAccessControl(access => access
            .Role("authenticated", role => role.May("ask *"))
            .Role("manager", role => role.MayView<Shipment>())
            .Role("clerk", role => role.MayView<Shipment>(
                without: ["Address.Street"], masking: ["Parcels.Content", "Contacts.*.Phone"]))));
}

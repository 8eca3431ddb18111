using Millrace.Generators.Tests.Shop;
using Millrace.Serialization;

namespace Millrace.Generators.Tests;

/// <summary>Tests that generated converters describe the JSON of their types.</summary>
public sealed class DescriptionTests
{
    [Fact]
    public void The_description_of_an_object_has_its_members_in_order_and_marks_required_members()
    {
        var description = Describe<PlaceOrder>();

        Assert.Equal(TypeForm.Object, description.Form);
        Assert.Equal(
            [
                new("order", typeof(OrderId), true),
                new("total", typeof(Money), true),
                new("customer", typeof(CustomerId?), false) { AllowsNull = true },
            ],
            description.Members);
    }

    [Fact]
    public void The_description_of_a_member_marks_optional_nullable_and_read_only_members()
    {
        var members = Describe<Optional>().Members.ToDictionary(member => member.Name, StringComparer.Ordinal);

        Assert.True(members["needed"].IsRequired);
        Assert.False(members["number"].IsRequired || members["number"].AllowsNull);
        Assert.True(members["renamed"].AllowsNull);
        Assert.Equal((true, false), (members["twice"].IsReadOnly, members["twice"].IsRequired));
        Assert.DoesNotContain("ignored", members.Keys);
        Assert.DoesNotContain("thrice", members.Keys);
    }

    [Fact]
    public void Enumerations_have_names_and_flags_are_numbers()
    {
        Assert.Equal(["draft", "placed", "paidInFull"], Describe<OrderStatus>().Names);
        Assert.Equal((TypeForm.Value, typeof(int)), (Describe<Access>().Form, Describe<Access>().Inner));
    }

    [Fact]
    public void Ids_and_values_describe_their_content()
    {
        Assert.Equal((TypeForm.Value, typeof(Guid)), (Describe<OrderId>().Form, Describe<OrderId>().Inner));
        Assert.Equal(typeof(string), Describe<Email>().Inner);
        Assert.Equal(typeof(int), Describe<Quantity>().Inner);
    }

    [Fact]
    public void Lists_and_maps_describe_their_elements()
    {
        var (list, map) = (Describe<IReadOnlyList<OrderLine>>(), Describe<Dictionary<string, Money>>());

        Assert.Equal((TypeForm.List, typeof(OrderLine)), (list.Form, list.Inner));
        Assert.Equal((TypeForm.Map, typeof(Money)), (map.Form, map.Inner));
    }

    [Fact]
    public void The_description_of_a_custom_converter_allows_any_JSON() =>
        Assert.Equal(TypeForm.Any, Describe<Temperature>().Form);

    [Fact]
    public void The_documentation_is_included()
    {
        Assert.Equal("Cancels an order and places another order instead.", Describe<ReplaceOrder>().Summary);
        Assert.Equal("A parcel of an order. See OrderId and null.", Describe<Parcel>().Summary);
        Assert.Equal("The text on the parcel.", Describe<Parcel>().Members[0].Summary);
        Assert.Equal("The weight of the parcel, in kilograms.", Describe<Parcel>().Members[1].Summary);
        Assert.Null(Describe<PlaceOrder>().Summary);
    }

    private static TypeDescription Describe<T>() =>
        Assert.IsAssignableFrom<IDescribedConverter>(ShopModel.Json.GetTypeInfo(typeof(T)).Converter).Describe();
}

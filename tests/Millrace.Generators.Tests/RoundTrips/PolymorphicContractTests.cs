using static Millrace.Generators.Tests.ContractTests;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Tests which changes of types with listed derived types break the contract of stored events.</summary>
public sealed class PolymorphicContractTests
{
    private const string Model = """
        using System.Text.Json.Serialization;
        [Model] public sealed partial class Shop;
        [JsonDerivedType(typeof(Card), "card")] [JsonDerivedType(typeof(Cash), 7)]
        public record Payment(decimal Amount);
        public sealed record Card(decimal Amount, string Number) : Payment(Amount);
        public sealed record Cash(decimal Amount, Payment? Change) : Payment(Amount);
        public sealed record Cheque(decimal Amount) : Payment(Amount);
        [Event("paid")] public sealed record Paid(Payment Payment);
        """;

    private const string Plain = """
        [Model] public sealed partial class Shop;
        public sealed record Payment(decimal Amount);
        [Event("paid")] public sealed record Paid(Payment Payment);
        """;

    public static TheoryData<string, string, string> Changes { get; } = new()
    {
        { "[JsonDerivedType(typeof(Card), \"card\")]", "", "may contain 'card'" },
        { "[JsonDerivedType(typeof(Cash), 7)]", "", "may contain 7" },
        { "\"card\")", "\"creditCard\")", "may contain 'card'" },
        { "typeof(Cash), 7", "typeof(Cash), \"7\"", "may contain 7" },
        { "string Number", "int Number", "'payment['card'].number' was stored as string" },
        { "string Number", "string Number, string Owner", "'payment['card'].owner' is required" },
        { "public record", "[JsonPolymorphic(TypeDiscriminatorPropertyName = \"kind\")] public record", "'kind'" },
        { "public record Payment", "public abstract record Payment", "an object without a discriminator" },
    };

    [Fact]
    public void The_contract_file_has_each_listed_type_by_its_discriminator() => Assert.Contains(
        "\"payment\": \"$type{:{amount:decimal},'card':{number:string,amount:decimal},7:{change?:",
        ContractOf(Model),
        StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_that_makes_stored_discriminators_unreadable_is_refused(
        string before, string after, string problem)
    {
        var found = Assert.Single(Diagnose(Model.Replace(before, after, StringComparison.Ordinal), ContractOf(Model)));

        Assert.Equal("MILL0110", found.Id);
        Assert.Contains(
            problem, found.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "[JsonDerivedType(typeof(Cash), 7)]",
        "[JsonDerivedType(typeof(Cash), 7)] [JsonDerivedType(typeof(Cheque), \"cheque\")]")]
    [InlineData("string Number", "string Number, string? Owner")]
    public void Another_listed_type_or_optional_member_is_accepted(string before, string after) =>
        Assert.Equal(
            ["MILL0111"],
            Diagnose(Model.Replace(before, after, StringComparison.Ordinal), ContractOf(Model))
                .Select(found => found.Id));

    [Fact]
    public void A_class_can_be_renamed_if_its_discriminator_does_not_change() =>
        Assert.Empty(Diagnose(Model.Replace("Card", "CardPayment", StringComparison.Ordinal), ContractOf(Model)));

    [Fact]
    public void A_type_that_starts_to_list_derived_types_reads_events_stored_before() =>
        Assert.Equal(["MILL0111"], Diagnose(Model, ContractOf(Plain)).Select(found => found.Id));

    [Fact]
    public void A_type_that_stops_listing_derived_types_cannot_read_events_stored_before() =>
        Assert.Equal(["MILL0110"], Diagnose(Plain, ContractOf(Model)).Select(found => found.Id));

    [Fact]
    public void An_older_program_cannot_read_a_type_that_is_listed_later()
    {
        var contract = ContractOf(Model).Replace("\"backward\"", "\"full\"", StringComparison.Ordinal);
        var later = Model.Replace("7)]", "7)] [JsonDerivedType(typeof(Cheque), \"x\")]", StringComparison.Ordinal);

        Assert.Contains("MILL0114", Diagnose(later, contract).Select(found => found.Id));
    }
}

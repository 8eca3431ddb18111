using System.Text.RegularExpressions;

namespace Millrace.Generators.Tests.Marks;

/// <summary>Tests the registration that the generator writes for marked members.</summary>
public sealed partial class MarkRegistrationTests
{
    private const string Model = """
        using System.Text.Json.Serialization;
        [Model] public sealed partial class Sample;
        [Id<string>] public readonly partial record struct CustomerId;
        [Id<Guid>] public readonly partial record struct OrderId;
        [Stream("customer")] public sealed partial class Customer : Aggregate<CustomerId>;
        [Stream("order")] public sealed partial class Order : Aggregate<OrderId>;

        """;

    [Fact]
    public void A_marked_member_of_an_event_is_registered_with_its_name_in_JSON()
    {
        var code = AssertMarks(
            "Protect(\"customer.registered\", (\"/email\"), (\"/the~1name~0\"), (\"/vatId\"))",
            """
            [Event("customer.registered")] public sealed record Registered(
                [PersonalData] string Email,
                [PersonalData] [property: JsonPropertyName("the/name~")] string Name,
                string Plain)
            {
                [PersonalData] public string VatId { get; init; } = "";
            }
            """);

        Assert.Contains(
            "new(\"email\", typeof(string), true) { IsMarked = true },", code, StringComparison.Ordinal);
        Assert.Contains("new(\"plain\", typeof(string), true),", code, StringComparison.Ordinal);
    }

    [Fact]
    public void Marks_at_any_depth_have_a_path() =>
        AssertMarks(
            "Protect(\"party.planned\", (\"/guests/*/name\"), (\"/byRoom/*/*/name\"), "
                + "(\"/host/name\"), (\"/best/name\"))",
            """
            public sealed record Guest([PersonalData] string Name, int Age);
            public readonly record struct Host([PersonalData] string Name);
            [Event("party.planned")] public sealed record Planned(
                IReadOnlyList<Guest> Guests, IReadOnlyDictionary<string, Guest[]> ByRoom, Host Host, Guest? Best);
            """);

    [Fact]
    public void Members_of_derived_types_and_inherited_members_are_marked() =>
        AssertMarks(
            "Protect(\"contact.added\", (\"/note\"), (\"/contact/mail\"), (\"/contact/number\"))",
            """
            [JsonDerivedType(typeof(MailContact), "mail"), JsonDerivedType(typeof(PhoneContact), "phone")]
            public abstract record Contact;
            public sealed record MailContact([PersonalData] string Mail) : Contact;
            public sealed record PhoneContact([PersonalData] string Number) : Contact;
            public abstract record WithNote { [PersonalData] public required string Note { get; init; } }
            [Event("contact.added")] public sealed record Added(Contact Contact) : WithNote;
            """);

    [Fact]
    public void A_value_that_is_marked_as_a_whole_is_not_searched() =>
        AssertMarks(
            "Protect(\"customer.moved\", (\"/home\") { ErasedJson = \"null\" })",
            """
            public sealed record Place([PersonalData] string Street);
            [Event("customer.moved")] public sealed record Moved([PersonalData] Place? Home);
            """);

    [Fact]
    public void The_subject_is_a_member_of_the_same_object_and_its_type_the_category_of_its_aggregate() =>
        AssertMarks(
            "Protect(\"party.planned\", "
                + "(\"/guests/*/name\") { Subject = \"/guests/*/guestId\", SubjectType = \"customer\" }, "
                + "(\"/doctor\") { Subject = \"/doctorId\", SubjectType = \"doctor\", ErasedJson = \"null\" })",
            """
            public sealed record Guest(
                [property: JsonPropertyName("guestId")] CustomerId Id,
                [PersonalData(Subject = nameof(Id))] string Name);
            [Event("party.planned")] public sealed record Planned(
                IReadOnlyList<Guest> Guests,
                int? DoctorId,
                [PersonalData(Subject = nameof(DoctorId), SubjectType = "doctor")] string? Doctor);
            """);

    [Fact]
    public void Kinds_secrets_and_erased_texts_are_registered() =>
        AssertMarks(
            "Protect(\"customer.registered\", (\"/phone\") { Kind = \"contact\" }, "
                + "(\"/code\") { Kind = \"secret\", IsSecret = true }, "
                + "(\"/name\") { ErasedJson = \"\\\"\\\\\\\"gone\\\\\\\"\\\"\" }, "
                + "(\"/nick\") { ErasedJson = \"\\\"-\\\"\" })",
            """
            [Event("customer.registered")] public sealed record Registered(
                [PersonalData(Kind = "contact")] string Phone,
                [Secret] string Code,
                [PersonalData(ErasedText = "\"gone\"")] string Name,
                [PersonalData(ErasedText = "-")] string? Nick);
            """);

    [Fact]
    public void An_erased_text_of_a_type_with_a_rule_is_checked_when_the_model_is_registered()
    {
        var code = AssertMarks(
            "Protect(\"customer.registered\", (\"/email\") { ErasedJson = \"\\\"a@b\\\"\" })",
            """
            [Value<string>] public readonly partial record struct Email
            { private static string? Problem(string value) => value.Contains('@') ? null : "it has no @"; }
            [Event("customer.registered")] public sealed record Registered(
                [PersonalData(ErasedText = "a@b")] Email Email);
            """);

        Assert.Contains("_ = global::Email.Parse(\"a@b\");", code, StringComparison.Ordinal);
    }

    [Fact]
    public void All_versions_of_an_event_share_their_marks_and_a_common_erased_value() =>
        AssertMarks(
            "Protect(\"customer.registered\", (\"/name\"), (\"/age\") { ErasedJson = \"0\" }, (\"/city\") "
                + "{ ErasedJson = \"null\" })",
            """
            [Event("customer.registered")] public sealed record RegisteredV1([PersonalData] string? Name, int Age);
            [Event("customer.registered", Version = 2)]
            public sealed record Registered(
                [PersonalData] string Name, [PersonalData] int? Age, [PersonalData] string? City)
            {
                [Upcast] public static Registered From(RegisteredV1 old) => new(old.Name ?? "", old.Age, null);
            }
            """);

    [Fact]
    public void Documents_have_marks_with_a_subject_and_secrets_without() =>
        AssertMarks(
            "ProtectReadModel(\"customers\", (\"/name\") { Subject = \"/id\", SubjectType = \"customer\" }, "
                + "(\"/code\") { Kind = \"secret\", IsSecret = true })",
            """
            [Event("customer.registered")] public sealed record Registered(CustomerId Id);
            public sealed record View(
                CustomerId Id, [PersonalData(Subject = nameof(Id))] string Name, [Secret] string Code);
            [Projection("customers")] public sealed partial class Views : Projection<CustomerId, View>
            {
                public static CustomerId Key(Registered e) => e.Id;
                public static View? Apply(View? view, Registered e) => view;
            }
            """);

    [Fact]
    public void Commands_queries_and_their_answers_have_marks_by_type() =>
        AssertMarks(
            "ProtectMessage<global::Answer>((\"/name\") { Subject = \"/id\", SubjectType = \"customer\" }) "
                + "ProtectMessage<global::Find>((\"/place\") { ErasedJson = \"null\" }) "
                + "ProtectMessage<global::Register>((\"/name\"), (\"/code\") { Kind = \"secret\", IsSecret = true }) "
                + "ProtectMessage<global::System.Collections.Generic.IReadOnlyList<global::Row>>((\"/*/name\"))",
            """
            public sealed record Place(int X);
            public sealed record Register([PersonalData] string Name, [Secret] string Code) : ICommand<Answer?>;
            public sealed record Answer(CustomerId Id, [PersonalData(Subject = nameof(Id))] string Name);
            public sealed record Find([PersonalData] Place Place) : IQuery<IReadOnlyList<Row>>;
            public sealed record Row([PersonalData] string Name);
            public sealed record Plain(int X) : ICommand<Answer?>;
            public static class Handlers
            {
                public static Answer? Handle(Register c) => null;
                public static Answer? Handle(Plain c) => null;
                public static IReadOnlyList<Row> Handle(Find q) => [];
            }
            """);

    [Fact]
    public void Requests_to_other_services_and_their_answers_have_marks_without_a_handler() =>
        AssertMarks(
            "ProtectMessage<global::Answer>((\"/name\") { Subject = \"/id\", SubjectType = \"customer\" }) "
                + "ProtectMessage<global::Register>((\"/name\"), (\"/code\") { Kind = \"secret\", IsSecret = true })",
            """
            public sealed record Register([PersonalData] string Name, [Secret] string Code) : ICommand<Answer?>;
            public sealed record Answer(CustomerId Id, [PersonalData(Subject = nameof(Id))] string Name);
            public sealed record NotSent([PersonalData] string Name);
            public sealed class Other { public void Request<T>() { } }
            public static class Setup
            {
                public static void Connect(Millrace.Messaging.TransportBuilder transport, Other other)
                {
                    transport.Request<Register>("customers").Request<Register>("customers");
                    other.Request<NotSent>();
                }
            }
            """);

    [Fact]
    public void An_indexed_member_with_another_name_in_JSON_names_its_field() =>
        AssertMarks(
            "ProtectReadModel(\"customers\", (\"/name\") { Kind = \"secret\", IsSecret = true }, "
                + "(\"/mail\") { Kind = \"secret\", IsSecret = true, Field = \"email\" })",
            """
            [Event("customer.registered")] public sealed record Registered(CustomerId Id);
            public sealed record View(
                CustomerId Id,
                [Secret, Indexed] string Name,
                [Secret, Indexed] [property: JsonPropertyName("mail")] string Email);
            [Projection("customers")] public sealed partial class Views : Projection<CustomerId, View>
            {
                public static CustomerId Key(Registered e) => e.Id;
                public static View? Apply(View? view, Registered e) => view;
            }
            """);

    [Fact]
    public void A_model_without_marks_registers_none() =>
        AssertMarks("", """[Event("customer.registered")] public sealed record Registered(CustomerId Id);""");

    /// <summary>Asserts the calls in a short form, and that the generated code compiles. Returns the code.</summary>
    private static string AssertMarks(string expected, string source)
    {
        Assert.Empty(GeneratorRunner.Problems(Model + source));

        var code = string.Concat(GeneratorRunner.Files(Model + source)
            .OrderBy(file => file.Key, StringComparer.Ordinal)
            .Select(file => file.Value));
        var calls = Calls().Matches(code).Select(call => Space().Replace(call.Value, " ")
            .Replace("model.", "", StringComparison.Ordinal)
            .Replace("new global::Millrace.ProtectedMember", "", StringComparison.Ordinal)
            .Replace("( \"", "(\"", StringComparison.Ordinal)
            .Replace(">( (", ">((", StringComparison.Ordinal)
            .Replace(");", ")", StringComparison.Ordinal));
        Assert.Equal(expected, string.Join(' ', calls));
        return code;
    }

    [GeneratedRegex(@"model\.Protect\w*(<[^(]*>)?\([^;]*;")]
    private static partial Regex Calls();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}

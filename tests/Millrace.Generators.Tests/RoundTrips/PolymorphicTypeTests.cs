using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Serialization;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// Tests that a model writes and reads types with [JsonDerivedType] as System.Text.Json does, in JSON and CBOR.
/// </summary>
public sealed class PolymorphicTypeTests
{
    private const string Usings = "using System.Text.Json.Serialization; using System.Text.Json;\n";

    // With these options, System.Text.Json writes the same JSON as a model, but by reflection.
    private static readonly JsonSerializerOptions Reflection = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private static readonly JsonSerializerOptions AnyOrder = new(Reflection)
    {
        AllowOutOfOrderMetadataProperties = true,
    };

    /// <summary>Gets declarations of a type <c>Base</c> with its derived types, and values of them.</summary>
    public static TheoryData<string, string> Shapes { get; } =
        new()
        {
            {
                "[JsonDerivedType(typeof(Card), \"card\")] [JsonDerivedType(typeof(Cash), \"cash\")] "
                    + "public abstract record Base(decimal Amount); "
                    + "public sealed record Card(decimal Amount, string Number) : Base(Amount); "
                    + "public sealed record Cash(decimal Amount) : Base(Amount);",
                "new Card(1.50m, \"4111\"), new Cash(2)"
            },
            {
                "[JsonDerivedType(typeof(Card), 1)] [JsonDerivedType(typeof(Cash), -7)] public record Base(decimal "
                    + "Amount); public sealed record Card(decimal Amount, string? Number) : Base(Amount); public "
                    + "sealed record Cash(decimal Amount) : Base(Amount);",
                "new Card(1.50m, \"4111\"), new Cash(2), new Base(3), new Card(0, null)"
            },
            {
                "[JsonPolymorphic(TypeDiscriminatorPropertyName = \"kind\")] [JsonDerivedType(typeof(Base), \"base\")] "
                    + "[JsonDerivedType(typeof(A1), \"a \\\"1\\\"\")] [JsonDerivedType(typeof(A2), 2)] public class "
                    + "Base { public string? Name { get; set; } } public class A1 : Base { public int X { get; set; } "
                    + "} public class A2 : A1 { public required List<Base> Inside { get; init; } }",
                "new Base(), new A1 { X = 4, Name = \"n\" }, new A2 { Inside = [new A1 { X = 5 }, new "
                    + "Base { Name = \"m\" }] }"
            },
            {
                "[JsonDerivedType(typeof(Point), \"point\")] [JsonDerivedType(typeof(Circle), \"circle\")] public "
                    + "interface Base { } public readonly record struct Point(int X, int Y) : Base; public sealed "
                    + "class Circle : Base { public double Radius { get; set; } public Base? Centre { get; set; } }",
                "new Point(1, 2), new Circle { Radius = 1.5, Centre = new Point(3, 4) }, default(Point)"
            },
            {
                "[JsonDerivedType(typeof(Numbers), \"numbers\")] public abstract record Base<T>(T Value); "
                    + "public sealed record Numbers(int Value, int[] More) : Base<int>(Value); "
                    + "[JsonDerivedType(typeof(Holder), \"holder\")] public abstract record Base; "
                    + "public sealed record Holder(Base<int> Held) : Base;",
                "new Holder(new Numbers(1, [2, 3]))"
            },
            {
                "[JsonDerivedType(typeof(Middle), \"middle\")] [JsonDerivedType(typeof(Leaf), \"leaf\")] "
                    + "public abstract record Base; "
                    + "[JsonDerivedType(typeof(Leaf), \"other\")] public record Middle(Base? Next) : Base { public "
                    + "int X { get; init; } = 5; } "
                    + "public sealed record Leaf(Base? Next, string Text) : Middle(Next);",
                "new Middle(new Leaf(null, \"a\")) { X = 6 }, new Leaf(new Middle((Base?)null), \"b\")"
            },
            {
                "[JsonPolymorphic(IgnoreUnrecognizedTypeDiscriminators = true)] [JsonDerivedType(typeof(Other), "
                    + "\"other\")] public class Base { public int X { get; set; } [JsonExtensionData] public "
                    + "Dictionary<string, JsonElement>? More { get; set; } } public sealed class Other : Base { "
                    + "public int Y { get; set; } }",
                "new Base { X = 1 }, new Other { X = 1, Y = 2, More = new() { [\"z\"] = JsonElement.Parse(\"[1]\") } }"
            },
            {
                "[JsonDerivedType(typeof(Empty), \"empty\")] public abstract class Base; public "
                    + "sealed class Empty : Base;",
                "new Empty()"
            },
        };

    public static TheoryData<string, string> Refused { get; } =
        new()
        {
            {
                "[JsonDerivedType(typeof(D))] public abstract record Base; public sealed record D : Base;",
                "no discriminator"
            },
            { "[JsonPolymorphic] public record Base; public sealed record D : Base;", "alone lists no types" },
            {
                "[JsonDerivedType(typeof(D), \"d\")] public sealed record Base; public sealed record D;",
                "it is sealed"
            },
            {
                "[JsonDerivedType(typeof(D), \"d\")] public record Base; public sealed record D;",
                "'D' does not derive from it"
            },
            {
                "[JsonDerivedType(typeof(D), \"d\")] public record Base; public abstract record D : Base;",
                "'D' is abstract"
            },
            {
                "[JsonDerivedType(typeof(D<>), \"d\")] public record Base; public record D<T> : Base;",
                "type arguments"
            },
            {
                "[JsonDerivedType(typeof(D), \"x\")] [JsonDerivedType(typeof(E), \"x\")] public record Base; public "
                    + "sealed record D : Base; "
                    + "public sealed record E : Base;",
                "discriminator 'x'"
            },
            {
                "[JsonDerivedType(typeof(D), 1)] [JsonDerivedType(typeof(D), 2)] public record Base; "
                    + "public sealed record D : Base;",
                "twice"
            },
            {
                "[JsonPolymorphic(TypeDiscriminatorPropertyName = \"$ref\")] [JsonDerivedType(typeof(D), 1)] public "
                    + "record Base; public sealed record D : Base;",
                "'$ref'"
            },
            {
                "[JsonPolymorphic(UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FallBackToBaseType)] "
                    + "[JsonDerivedType(typeof(D), 1)] public record Base; public sealed record D : Base;",
                "UnknownDerivedTypeHandling"
            },
            {
                "[JsonDerivedType(typeof(D), 1)] public record Base; [JsonConverter(typeof(C))] public sealed record D "
                    + ": Base; public sealed class C : JsonConverter<D> { public override D Read(ref Utf8JsonReader r, "
                    + "Type t, JsonSerializerOptions o) => new(); public override void Write(Utf8JsonWriter w, D d, "
                    + "JsonSerializerOptions o) { } }",
                "not written as an object"
            },
        };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Each_listed_type_is_written_as_System_Text_Json_writes_it_and_is_read_back_unchanged(
        string types, string values)
    {
        using var model = ModelOf(types, values);
        var declared = model.Type("Base");

        foreach (var value in (IEnumerable<object>)model.Given("Values"))
        {
            var json = JsonSerializer.Serialize(value, declared, Reflection);
            Assert.Equal(json, JsonSerializer.Serialize(value, declared, model.Json));
            AssertSame(value, JsonSerializer.Deserialize(json, declared, model.Json)!);
            foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor })
            {
                var data = Activator.CreateInstance(model.Type("A"), value, Of(declared, value), null)!;
                AssertSame(data, model.RoundTrip(data, format));
                if (format == EventFormat.Cbor)
                    Assert.Equal(model.Write(data, EventFormat.Json), CborJson.ToJson(model.Write(data, format)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_discriminator_can_be_at_any_position_among_the_members(string types, string values)
    {
        using var model = ModelOf(types, values);
        var declared = model.Type("Base");

        foreach (var value in (IEnumerable<object>)model.Given("Values"))
        {
            var members = JsonSerializer.SerializeToNode(value, declared, Reflection)!.AsObject().ToList();
            for (var rotation = 1; rotation < members.Count; rotation++)
            {
                var rotated = new JsonObject(members.Skip(rotation).Concat(members.Take(rotation))
                    .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
                var json = rotated.ToJsonString();

                AssertSame(
                    JsonSerializer.Deserialize(json, declared, AnyOrder)!,
                    JsonSerializer.Deserialize(json, declared, model.Json)!);
                var data = Activator.CreateInstance(model.Type("A"), value, Of(declared, value), null)!;
                var document = new JsonObject { ["b"] = rotated, ["c"] = new JsonArray() };
                var cbor = CborJson.FromJson(Encoding.UTF8.GetBytes(document.ToJsonString()));
                var again = model.Read(data.GetType(), cbor, EventFormat.Cbor);
                AssertSame(value, again.GetType().GetProperty("B")!.GetValue(again)!);
            }
        }
    }

    [Theory]
    [InlineData("""{"amount":1}""")]
    [InlineData("""{"$type":"cheque","amount":1}""")]
    [InlineData("""{"$type":1,"amount":1,"number":"1"}""")]
    [InlineData("""{"$type":null,"amount":1}""")]
    [InlineData("""{"$type":["card"],"amount":1}""")]
    [InlineData("""["card"]""")]
    public void An_object_without_a_listed_type_is_refused_in_JSON_and_CBOR(string json)
    {
        using var model = ModelOf(Types(0), "new Cash(1)");
        var declared = model.Type("Base");

        Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize(json, declared, Reflection));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, declared, model.Json));
        var cbor = CborJson.FromJson(Encoding.UTF8.GetBytes($$"""{"b":{{json}},"c":[]}"""));
        Assert.Throws<JsonException>(() => model.Read(model.Type("A"), cbor, EventFormat.Cbor));
    }

    [Fact]
    public void With_unknown_discriminators_ignored_an_object_is_read_as_the_declared_type()
    {
        using var model = ModelOf(Types(6), "new Base()");
        var declared = model.Type("Base");
        const string Json = """{"$type":"newer","x":3,"w":1}""";

        var read = JsonSerializer.Deserialize(Json, declared, model.Json)!;

        AssertSame(JsonSerializer.Deserialize(Json, declared, Reflection)!, read);
        Assert.Equal("""{"x":3,"w":1}""", JsonSerializer.Serialize(read, declared, model.Json));
    }

    [Fact]
    public void A_value_of_an_unlisted_type_is_refused_in_every_format()
    {
        using var model = ModelOf(
            Types(1) + " public sealed record Cheque(decimal Amount, string Bank) : Base(Amount);",
            "new Cheque(1, \"b\")");
        var value = ((IEnumerable<object>)model.Given("Values")).Single();
        var data = Activator.CreateInstance(model.Type("A"), value, Of(model.Type("Base")), null)!;

        foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor })
        {
            var refused = Assert.Throws<CannotSerializeException>(() => model.Write(data, format));
            Assert.Contains("'b' of A", refused.Message, StringComparison.Ordinal);
            Assert.IsType<UndeclaredTypeException>(refused.InnerException);
        }
        Assert.Throws<UndeclaredTypeException>(() => JsonSerializer.Serialize(value, model.Type("Base"), model.Json));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_list_of_derived_types_that_could_not_be_read_back_is_refused_by_the_build(
        string types, string message)
    {
        var model = CompiledModel.TryOf(
            $"{Usings}{types} [Event(\"a\")] public sealed record A(Base B);", out var problems);
        model?.Dispose();

        var found = Assert.Single(
            problems, problem => problem.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error);
        Assert.Equal("MILL0119", found.Id);
        Assert.Contains(
            message, found.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_with_the_name_of_the_discriminator_is_refused_by_the_build()
    {
        var problems = GeneratorRunner.Problems($$"""
            {{Usings}}{{CompiledModel.Declaration}}
            [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")] [JsonDerivedType(typeof(D), 1)] public abstract record Base;
            public sealed record D(string Kind) : Base;
            [Event("a")] public sealed record A(Base B);
            """);

        Assert.Contains("MILL0022", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void The_description_names_each_listed_type_with_its_members()
    {
        using var model = ModelOf(Types(1), "new Base(1)");

        var description = model.Catalog.Describe(model.Type("Base"))!;

        Assert.Equal((TypeForm.Polymorphic, "$type"), (description.Form, description.Discriminator));
        Assert.Equal(
            [("Card", (object?)1, "number,amount"), ("Cash", -7, "amount"), ("Base", null, "amount")],
            description.Variants.Select(variant => (
                variant.Type.Name,
                variant.Discriminator,
                string.Join(",", variant.Description.Members.Select(member => member.Name)))));
    }

    private static string Types(int shape) => (string)Shapes.ElementAt(shape)[0];

    private static Array Of(Type type, params object[] values)
    {
        var array = Array.CreateInstance(type, values.Length);
        values.CopyTo(array, 0);
        return array;
    }

    private static CompiledModel ModelOf(string types, string values) => CompiledModel.Of($$"""
        {{Usings}}{{types}}
        [Event("a")] public sealed record A(Base B, IReadOnlyList<Base> C, Dictionary<string, Base?>? D);
        public static class Given { public static object Values => new List<object> { {{values}} }; }
        """);

    /// <summary>Asserts that two values have the same type and the same JSON by reflection.</summary>
    private static void AssertSame(object expected, object actual)
    {
        Assert.Equal(expected.GetType(), actual.GetType());
        Assert.Equal(JsonSerializer.Serialize(expected, Reflection), JsonSerializer.Serialize(actual, Reflection));
    }
}

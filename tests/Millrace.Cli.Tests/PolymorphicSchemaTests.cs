using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Millrace.Cli.Models.Diagrams;
using Millrace.Serialization;

namespace Millrace.Cli.Tests;

/// <summary>Tests the AsyncAPI schema of a type that lists derived types.</summary>
public sealed class PolymorphicSchemaTests
{
    [Fact]
    public void The_schema_of_a_polymorphic_type_is_one_of_several_objects_with_a_constant_discriminator()
    {
        var catalog = new ModelBuilder().Json(new Resolver()).BuildCatalog();
        var schemas = new PayloadSchemas(catalog);

        var reference = schemas.Of(typeof(Shape));

        Assert.Equal("#/components/schemas/Shape", (string?)reference["$ref"]);
        var expected = JsonNode.Parse("""
            {
              "oneOf": [
                {
                  "type": "object",
                  "properties": { "kind": { "const": "circle" }, "radius": { "type": "number", "format": "double" } },
                  "required": ["kind", "radius"]
                },
                { "type": "object", "properties": { "kind": { "const": 7 } }, "required": ["kind"] }
              ],
              "discriminator": "kind"
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, schemas.Components()["Shape"]), schemas.Components().ToJsonString());
    }

    private sealed class Shape;

    private sealed class ShapeConverter : JsonConverter<Shape>, IDescribedConverter
    {
        public TypeDescription Describe() =>
            new(TypeForm.Polymorphic)
            {
                Discriminator = "kind",
                Variants =
                [
                    new(
                        typeof(double),
                        "circle",
                        new(TypeForm.Object) { Members = [new("radius", typeof(double), IsRequired: true)] }
                    ),
                    new(typeof(int), 7, new(TypeForm.Object)),
                ],
            };

        public override Shape Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new();

        public override void Write(Utf8JsonWriter writer, Shape value, JsonSerializerOptions options) =>
            writer.WriteNullValue();
    }

    private sealed class Resolver : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) => type == typeof(Shape)
            ? JsonMetadataServices.CreateValueInfo<Shape>(options, new ShapeConverter())
            : null;
    }
}

using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.AspNetCore.Tests.OpenApi;

/// <summary>Tests that types with the same short name become different components for any order of mapping.</summary>
public sealed class SchemaNameTests
{
    private static readonly (Type Answer, Action<WebApplication, string> Map)[] All =
    [
        (typeof(Sales.Order), (app, path) => app.MapQuery<GetSalesOrder>(path)),
        (typeof(Sales.Page<Sales.Line>), (app, path) => app.MapQuery<GetLinePage>(path)),
        (typeof(Views.Cart.Order), (app, path) => app.MapQuery<GetCart>(path)),
        MapEndpoint<Views.Order>(),
        MapEndpoint<Views.ORDER>(),
        MapEndpoint<Views.SalesOrder>(),
        MapEndpoint<Views.Sales.Order>(),
        MapEndpoint<Views.Page<Views.Line>>(),
        MapEndpoint<Sales.Page<Views.Line>>(),
        MapEndpoint<Views.Page<Sales.Page<Views.Order>>>(),
        MapEndpoint<Views.PageOfLine>(),
        MapEndpoint<Views.Problem>(),
        MapEndpoint<Views.Basket.Item>(),
        MapEndpoint<Views.Alone>(),
    ];

    [Fact]
    public async Task A_type_of_the_model_and_its_namesake_are_two_components_in_either_order()
    {
        foreach (var order in new int[][] { [0, 3], [3, 0] })
        {
            var document = await Document(order);

            Assert.Equal("SalesOrder", ComponentOf(document, typeof(Sales.Order)));
            Assert.Equal("ViewsOrder", ComponentOf(document, typeof(Views.Order)));
        }
    }

    [Fact]
    public async Task A_unique_short_name_is_kept()
    {
        var alone = await Document([13]);
        var order = await Document([0]);

        Assert.Equal("Alone", ComponentOf(alone, typeof(Views.Alone)));
        Assert.Equal("Order", ComponentOf(order, typeof(Sales.Order)));
    }

    [Fact]
    public async Task Each_operation_has_exactly_the_members_of_its_type_in_any_set_and_order()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var random = new Random(29);
        for (var round = 0; round < 25; round++)
        {
            var selected = Enumerable.Range(0, All.Length).Where(_ => random.Next(4) > 0).ToArray();
            var (first, second) = (selected.ToArray(), selected.ToArray());
            random.Shuffle(first);
            random.Shuffle(second);

            var document = await Document(first);
            var again = await Document(second);

            foreach (var (type, _) in selected.Select(index => All[index]))
            {
                Check(document, SchemaOf(document, type), type, 0);
                Assert.Equal(ComponentOf(document, type), ComponentOf(again, type));
            }
            var components = document
                .GetProperty("components")
                .GetProperty("schemas")
                .EnumerateObject()
                .Select(entry => entry.Name)
                .ToList();
            Assert.Equal(components.Count, components.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        }
    }

    [Fact]
    public async Task Names_that_the_application_sets_are_kept_and_not_reused()
    {
        var document = await Document([0, 3], names => names.CreateSchemaReferenceId = info =>
            info.Type == typeof(Views.Order) ? "SalesOrder" : OpenApiOptions.CreateDefaultSchemaReferenceId(info));

        Assert.Equal("SalesOrder", ComponentOf(document, typeof(Views.Order)));
        Check(document, SchemaOf(document, typeof(Views.Order)), typeof(Views.Order), 0);
        Check(document, SchemaOf(document, typeof(Sales.Order)), typeof(Sales.Order), 0);
    }

    /// <summary>
    /// Checks that a schema has the members of a type, and does the same for the types of the members.
    /// </summary>
    private static void Check(JsonElement document, JsonElement schema, Type type, int depth)
    {
        Assert.True(depth < 10);
        if (schema.TryGetProperty("oneOf", out var choices)) // A member of a generic type may be null.
            schema = choices.EnumerateArray().Single(choice => choice.TryGetProperty("$ref", out _));
        var resolved = schema.TryGetProperty("$ref", out var reference)
            ? document
                .GetProperty("components")
                .GetProperty("schemas")
                .GetProperty(reference.GetString()!.Split('/')[^1])
            : schema;
        if (type == typeof(string))
            return;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            Check(document, resolved.GetProperty("items"), type.GetGenericArguments()[0], depth + 1);
            return;
        }
        var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        Assert.Equal(
            members.Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name)).Order(StringComparer.Ordinal),
            resolved
                .GetProperty("properties")
                .EnumerateObject()
                .Select(member => member.Name)
                .Order(StringComparer.Ordinal));
        foreach (var member in members)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            Check(document, resolved.GetProperty("properties").GetProperty(name), member.PropertyType, depth + 1);
        }
    }

    private static string ComponentOf(JsonElement document, Type type) =>
        SchemaOf(document, type).GetProperty("$ref").GetString()!.Split('/')[^1];

    private static JsonElement SchemaOf(JsonElement document, Type type) =>
        document
            .GetProperty("paths")
            .GetProperty(PathOf(type))
            .GetProperty("get")
            .GetProperty("responses")
            .GetProperty("200")
            .GetProperty("content")
            .GetProperty("application/json")
            .GetProperty("schema");

    private static string PathOf(Type type) => $"/{Array.FindIndex(All, entry => entry.Answer == type)}";

    private static (Type Answer, Action<WebApplication, string> Map) MapEndpoint<T>() =>
        (typeof(T), (app, path) => app.MapGet(path, () => Results.Ok()).Produces<T>());

    private static async Task<JsonElement> Document(int[] order, Action<OpenApiOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<NamesakeModel>());
        builder.Services.AddMillraceProblemDetails();
        builder.Services.AddOpenApi(options => configure?.Invoke(options));
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Add(
            new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver()));
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapOpenApi();
        foreach (var index in order)
            All[index].Map(app, $"/{index}");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        return await (await client.GetAsync("/openapi/v1.json")).Json();
    }

    private sealed class NamesakeModel : IModel
    {
        public static void Register(ModelBuilder model) =>
            model
                .Query(
                    new QueryDefinition<GetSalesOrder, Sales.Order>(
                        "get-sales-order", (_, _, _) => throw new NotSupportedException()))
                .Query(
                    new QueryDefinition<GetLinePage, Sales.Page<Sales.Line>>(
                        "get-line-page", (_, _, _) => throw new NotSupportedException()))
                .Query(
                    new QueryDefinition<GetCart, Views.Cart.Order>(
                        "get-cart", (_, _, _) => throw new NotSupportedException()))
                .Json(NamesakeJson.Default);
    }
}

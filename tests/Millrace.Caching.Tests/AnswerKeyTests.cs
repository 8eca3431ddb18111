using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Queries;

namespace Millrace.Caching.Tests;

/// <summary>Tests of what the keys of answers contain.</summary>
public sealed class AnswerKeyTests : IDisposable
{
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Each_part_of_a_key_counts()
    {
        var keys = new AnswerKeys<GetParcel>("acme", "get-parcel", "build", Json<GetParcel>());
        string[] all =
        [
            keys.Of(new GetParcel("1"), null, "log"),
            keys.Of(new GetParcel("2"), null, "log"),
            keys.Of(new GetParcel("1"), "", "log"),
            keys.Of(new GetParcel("1"), "ann", "log"),
            keys.Of(new GetParcel("1"), null, "other"),
            new AnswerKeys<GetParcel>("bond", "get-parcel", "build", Json<GetParcel>())
                .Of(new GetParcel("1"), null, "log"),
            new AnswerKeys<GetParcel>("acme", "count", "build", Json<GetParcel>()).Of(new GetParcel("1"), null, "log"),
            new AnswerKeys<GetParcel>("acme", "get-parcel", "next", Json<GetParcel>())
                .Of(new GetParcel("1"), null, "log"),
        ];

        Assert.Equal(all.Length, all.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(all[0], keys.Of(new GetParcel("1"), null, "log"));
    }

    [Fact]
    public void The_build_contains_the_handler_and_all_types_of_query_and_answer()
    {
        Func<string> handler = () => "";
        var platform = typeof(object).Module;

        Assert.Contains(Id(platform), CachedTypes.BuildOf(Foreign, Json<string>(), Json<string>()));
        Assert.DoesNotContain(Id(Own), CachedTypes.BuildOf(Foreign, Json<string>(), Json<string>()));
        Assert.Contains(Id(Own), CachedTypes.BuildOf(handler, Json<string>(), Json<string>()));
        Assert.Contains(Id(Own), CachedTypes.BuildOf(Foreign, Json<GetParcel>(), Json<string>()));
        Assert.Contains(Id(Own), CachedTypes.BuildOf(Foreign, Json<string>(), Json<IReadOnlyList<Parcel>>()));
        Assert.Contains(Id(Own), CachedTypes.BuildOf(Foreign, Json<string>(), Json<Dictionary<int, Parcel[]>>()));
    }

    [Fact]
    public async Task The_build_of_a_generated_model_contains_its_handlers_and_members()
    {
        await using var node = await Node.Start(_file.Open());

        var model = node.Services.GetRequiredService<ModelCatalog>();

        var query = Assert.Single(model.Queries.OfType<QueryDefinition<GetParcel, Parcel?>>());
        var parcel = model.Json.GetTypeInfo(typeof(Parcel));

        Assert.Equal(Own, query.Handler.Method.Module);
        // The text in a parcel is a type of the platform. Its generated converter describes it.
        Assert.Contains(Id(typeof(string).Module), CachedTypes.BuildOf(query.Handler, parcel, parcel));
    }

    [Fact]
    public async Task A_query_with_data_that_its_JSON_does_not_contain_cannot_be_cached()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Node.Start(_file.Open(), cache: cache => cache.Cache<GetOwnParcel>()));

        Assert.Contains("GetOwnParcel.Customer", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(GetOwnParcel), "GetOwnParcel.Customer")]
    [InlineData(typeof(Nested), "GetOwnParcel.Customer")]
    [InlineData(typeof(WithComputed), null)]
    [InlineData(typeof(GetParcel), null)]
    [InlineData(typeof(WithInternal), "WithInternal.Customer")]
    [InlineData(typeof(WithField), "WithField.Customer")]
    [InlineData(typeof(WithTuple), "ValueTuple`2.Item1")]
    [InlineData(typeof(WithConverter), "Range.To")]
    [InlineData(typeof(Derived), "WithInternal.Customer")]
    [InlineData(typeof(WithOwnField), null)]
    [InlineData(typeof(WithRenamed), null)]
    public void Hidden_data_is_found_in_all_parts_of_a_query(Type query, string? member) =>
        Assert.Equal(member, HiddenMembers.Find(JsonSerializerOptions.Default.GetTypeInfo(query)));

    private static Delegate Foreign => new Func<string>("".ToString);

    private static Module Own => typeof(AnswerKeyTests).Module;

    private static string Id(Module module) => module.ModuleVersionId.ToString();

    private static JsonTypeInfo<T> Json<T>() =>
        (JsonTypeInfo<T>)JsonSerializerOptions.Default.GetTypeInfo(typeof(T));

    private sealed record Nested(IReadOnlyList<GetOwnParcel?[]> Parts);

    private record WithInternal(string Id)
    {
        internal string? Customer { get; init; }
    }

    private sealed record Derived(string Id) : WithInternal(Id);

    private sealed class WithField
    {
        public string Customer = "ada";
    }

    private sealed record WithTuple(IReadOnlyList<(int From, int To)> Ranges);

    private sealed record WithConverter(Range Range);

    [JsonConverter(typeof(RangeConverter))]
    private sealed record Range(int From, int To);

    private sealed class RangeConverter : JsonConverter<Range>
    {
        public override Range Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            new(reader.GetInt32(), 0);

        public override void Write(Utf8JsonWriter writer, Range value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.From);
    }

    private sealed class WithOwnField(string id)
    {
        private readonly string _customer = id + "!";

        public string Id => id;

        public string Customer => _customer;
    }

    private sealed record WithRenamed(
        [property: JsonPropertyName("customer-id")] string Customer, OwnList Parcels);

    private sealed class OwnList : List<string>;

    private sealed record WithComputed(string Id)
    {
        [JsonIgnore]
        public bool IsEmpty => Id.Length == 0;
    }
}

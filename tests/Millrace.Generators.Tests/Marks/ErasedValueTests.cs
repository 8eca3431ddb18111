using System.Collections;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Generators.Tests.RoundTrips;
using Millrace.Protection;
using Millrace.Storage.InMemory;
using Millrace.Store;

namespace Millrace.Generators.Tests.Marks;

/// <summary>Tests that events of generated code are stored encrypted, and can be read after the erasure.</summary>
public sealed class ErasedValueTests
{
    private const string Model = """
        using System.Collections.Immutable;
        using System.Text.Json;
        [Id<string>] public readonly partial record struct CustomerId;
        [Id<string>] public readonly partial record struct CheckedId
        { private static string? Problem(string value) => value.Length > 3 ? "it is too long" : null; }
        [Value<string>] public readonly partial record struct Email
        { private static string? Problem(string value) => value.Contains('@') ? null : "it has no @"; }
        [Stream("customer")] public sealed partial class Customer : Aggregate<CustomerId>;
        public enum Colour { Red, Green }
        public sealed record Place(string Street);
        [Event("happened")] public sealed record Happened
        {
            MEMBER
        }
        public static class Given
        {
            public static Happened Value => new() { Member = VALUE };
        }
        """;

    /// <summary>Gets types with a value, the attribute, and the text of the value after erasure.</summary>
    public static TheoryData<string, string, string, string> Members => new()
    {
        { "string", "\"canary\"", "PersonalData", "[erased]" },
        { "string", "\"canary\"", "PersonalData(ErasedText = \"\\\"gone\\\" é\\n🚀\")", "\"gone\" é\n🚀" },
        { "string", "\"canary\"", "PersonalData(ErasedText = \"\")", "" },
        { "string?", "\"canary\"", "PersonalData", "null" },
        { "string?", "\"canary\"", "PersonalData(ErasedText = \"gone\")", "gone" },
        { "bool", "true", "PersonalData", "False" },
        { "char?", "'x'", "PersonalData", "null" },
        { "sbyte", "1", "PersonalData", "0" },
        { "byte", "1", "PersonalData", "0" },
        { "short", "1", "PersonalData", "0" },
        { "ushort", "1", "PersonalData", "0" },
        { "int", "1", "PersonalData", "0" },
        { "int?", "1", "PersonalData", "null" },
        { "uint", "1", "PersonalData", "0" },
        { "long", "1", "PersonalData", "0" },
        { "ulong", "1", "PersonalData", "0" },
        { "float", "1.5f", "PersonalData", "0" },
        { "double", "1.5", "PersonalData", "0" },
        { "decimal", "1.5m", "PersonalData", "0" },
        { "Guid", "Guid.NewGuid()", "PersonalData", "00000000-0000-0000-0000-000000000000" },
        { "DateTime", "DateTime.UnixEpoch", "PersonalData", "01/01/0001 00:00:00" },
        { "DateTimeOffset", "DateTimeOffset.UnixEpoch", "PersonalData", "01/01/0001 00:00:00 +00:00" },
        { "DateOnly", "new DateOnly(2011, 12, 5)", "PersonalData", "01/01/0001" },
        { "DateOnly?", "new DateOnly(2011, 12, 5)", "PersonalData", "null" },
        { "TimeOnly", "new TimeOnly(1, 2)", "PersonalData", "00:00" },
        { "TimeSpan", "TimeSpan.FromDays(1)", "PersonalData", "00:00:00" },
        { "Uri", "new Uri(\"https://example.org/canary\")", "PersonalData", "about:blank" },
        { "byte[]", "[1, 2]", "PersonalData", "" },
        { "JsonElement", "JsonDocument.Parse(\"[1]\").RootElement", "PersonalData", "[erased]" },
        { "JsonElement?", "JsonDocument.Parse(\"[1]\").RootElement", "PersonalData", "null" },
        { "CustomerId", "new(\"canary\")", "PersonalData", "[erased]" },
        { "CustomerId?", "new CustomerId(\"canary\")", "PersonalData", "null" },
        { "CheckedId", "new(\"abc\")", "PersonalData(ErasedText = \"---\")", "---" },
        { "Email", "Email.From(\"a@canary\")", "PersonalData(ErasedText = \"erased@example.invalid\")",
            "erased@example.invalid" },
        { "Email?", "Email.From(\"a@canary\")", "PersonalData", "null" },
        { "Colour?", "Colour.Green", "PersonalData", "null" },
        { "Place?", "new(\"canary\")", "PersonalData", "null" },
        { "string[]", "[\"canary\"]", "PersonalData", "" },
        { "IReadOnlyList<Place>", "[new(\"canary\")]", "PersonalData", "" },
        { "IReadOnlyList<Place>?", "[new(\"canary\")]", "PersonalData", "null" },
        { "ImmutableArray<int>", "[1]", "PersonalData", "" },
        { "ImmutableArray<int>?", "[1]", "PersonalData", "null" },
        { "IReadOnlySet<Colour>", "new HashSet<Colour> { Colour.Red }", "PersonalData", "" },
        { "IReadOnlyDictionary<string, int>", "new Dictionary<string, int> { [\"canary\"] = 1 }", "PersonalData", "" },
        { "SortedDictionary<int, Place>?", "new() { [1] = new(\"canary\") }", "PersonalData", "null" },
    };

    [Theory]
    [MemberData(nameof(Members))]
    public async Task A_member_is_encrypted_and_its_erased_value_can_be_read(
        string type, string value, string attribute, string erased)
    {
        using var model = CompiledModel.Of(
            Source($"[{attribute}] public required {type} Member {{ get; init; }}", value));

        await AssertErased(model, erased, EventFormat.Json);
        await AssertErased(model, erased, EventFormat.Cbor);
    }

    [Fact]
    public async Task A_secret_is_stored_encrypted_and_read_plain()
    {
        using var model = CompiledModel.Of(
            Source("[Secret] public required Place? Member { get; init; }", "new(\"canary\")"));
        await using var sample = await Sample.Open(model, EventFormat.Cbor);

        var read = await sample.Append(model.Given("Value"));

        Assert.Equal(model.Given("Value"), read);
    }

    [Fact]
    public async Task Erased_members_of_records_in_lists_and_of_derived_types_can_be_read()
    {
        const string Types = """
            using System.Text.Json.Serialization;
            [JsonDerivedType(typeof(Mail), "mail"), JsonDerivedType(typeof(Phone), "phone")]
            public abstract record Contact;
            public sealed record Mail([PersonalData] string Address, string Kind) : Contact;
            public sealed record Phone([PersonalData] int Number, string Kind) : Contact;
            [Event("happened")] public sealed record Happened(IReadOnlyDictionary<string, Contact[]> Contacts);
            public static class Given
            {
                public static Happened Value => new(new Dictionary<string, Contact[]>
                    { ["a/b~*"] = [new Mail("canary", "m"), new Phone(7, "p")] });
            }
            """;
        using var model = CompiledModel.Of(Types);
        await using var sample = await Sample.Open(model, EventFormat.Json);

        var erased = await sample.Erase(model.Given("Value"));

        Assert.Equal(
            """{"contacts":{"a/b~*":[{"$type":"mail","address":"[erased]","kind":"m"},"""
                + """{"$type":"phone","number":0,"kind":"p"}]}}""",
            System.Text.Json.JsonSerializer.Serialize(erased, model.Json));
    }

    [Fact]
    public void An_erased_text_that_the_type_refuses_is_an_error_when_the_model_is_registered()
    {
        var source = Source(
            "[PersonalData(ErasedText = \"none\")] public required Email Member { get; init; }", "default");

        var thrown = Assert.ThrowsAny<Exception>(() => CompiledModel.Of(source));

        Assert.Contains("it has no @", thrown.ToString(), StringComparison.Ordinal);
    }

    private static async Task AssertErased(CompiledModel model, string erased, EventFormat format)
    {
        await using var sample = await Sample.Open(model, format);

        var read = await sample.Erase(model.Given("Value"));

        var found = model.Type("Happened").GetProperty("Member")!.GetValue(read);
        Assert.Equal(erased, found switch
        {
            null => "null",
            string text => text,
            IEnumerable items => string.Join(",", items.Cast<object>()),
            IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
            _ => found.ToString(),
        });
    }

    private static string Source(string member, string value) =>
        Model.Replace("MEMBER", member, StringComparison.Ordinal).Replace("VALUE", value, StringComparison.Ordinal);

    /// <summary>A store in memory with keys in memory.</summary>
    private sealed class Sample(InMemoryStorage storage, KeyRing keys, EventStore store) : IAsyncDisposable
    {
        private static readonly StreamId Stream = new("customer-1");

        public static async Task<Sample> Open(CompiledModel model, EventFormat format)
        {
            var keys = new KeyRing(
                new InMemoryKeyStore(), [new InMemoryMasterKey()], TimeSpan.FromMinutes(1), TimeProvider.System);
            var storage = new InMemoryStorage();
            var services = new StoreServices(TimeProvider.System, NullLoggerFactory.Instance, null)
            {
                Protection = new StoreProtection(model.Catalog.Protection, keys, new ProtectionScope("", false)),
            };
            var options = new StoreOptions { EventFormat = format };
            var store = EventStore.Create(storage, model.Catalog.EventTypes, options, services);
            await store.Start(CancellationToken.None);
            return new Sample(storage, keys, store);
        }

        /// <summary>Appends an event, erases the data of its subject, and reads it.</summary>
        public async Task<object> Erase(object data)
        {
            await Append(data);
            await keys.Destroy(new KeyOwner("", Stream.Value, "personal"), CancellationToken.None);

            return (await First()).Data;
        }

        /// <summary>Appends an event, checks that it is stored encrypted, and reads it.</summary>
        public async Task<object> Append(object data)
        {
            await store.Append(Stream, ExpectedVersion.Any, [data]);
            var stored = System.Text.Encoding.UTF8.GetString((await First(storage)).Payload.Span);
            Assert.Contains("~enc1.", stored, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", stored, StringComparison.Ordinal);
            Assert.NotEqual(stored, System.Text.Encoding.UTF8.GetString((await First()).Payload.Span));
            return (await First()).Data;
        }

        public ValueTask DisposeAsync() => store.DisposeAsync();

        private async Task<RecordedEvent> First()
        {
            await foreach (var recorded in store.ReadStream(Stream))
                return recorded;
            throw new InvalidOperationException("The stream is empty.");
        }

        private static async Task<RecordedEvent> First(InMemoryStorage storage) =>
            (await storage.Log.ReadStream(
                new Storage.StreamPageQuery(Stream, 1, IsBackwards: false, 1), CancellationToken.None)).Events[0];
    }
}

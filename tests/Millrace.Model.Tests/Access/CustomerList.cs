using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Model.Tests.Access;

/// <summary>A read model with personal data, and queries that return it in several forms.</summary>
public sealed class CustomerList : IModel
{
    public static Customer Ada { get; } =
        new(Guid.Parse("0198c0de-0000-7000-8000-000000000001"), "ada", "ada@example.com", "555-1", 900);

    public static void Register(ModelBuilder model) => model
        .Projection(
            new ProjectionDefinition<Guid, Customer>
            {
                Name = "customer",
                Events = [typeof(AccountOpened)],
                Create = () => new CustomerProjection(),
                Document = CustomerJson.Default.Customer,
            })
        .Query(new QueryDefinition<FindCustomer, Customer?>("find-customer", (_, _, _) => new(Ada)))
        .Query(new QueryDefinition<ListCustomers, CustomerPage>(
            "list-customers",
            (_, _, _) => new(
                new CustomerPage([Ada], new Dictionary<string, Customer> { ["first"] = Ada }, Ada.Email))))
        .Query(new QueryDefinition<ShowAnything, Anything>(
            "show-anything", (query, _, _) => new(new Anything(query.IsText ? "text" : Ada))))
        .Query(new QueryDefinition<ShowEnvelope, Envelope>("show-envelope", (_, _, _) => new(new Envelope(Ada))))
        .Query(new QueryDefinition<ShowVip, VipCustomer>(
            "show-vip", (_, _, _) => new(new VipCustomer(Ada.Id, Ada.Login, Ada.Email, Ada.Phone, 900, "butler"))))
        .Json(CustomerJson.Default);
}

public record Customer(Guid Id, string Login, string? Email, string? Phone, decimal CreditLimit);

public sealed record CustomerPage(
    IReadOnlyList<Customer> Items, IReadOnlyDictionary<string, Customer> ByName, string? Note);

public sealed record VipCustomer(
    Guid Id, string Login, string? Email, string? Phone, decimal CreditLimit, string Service)
    : Customer(Id, Login, Email, Phone, CreditLimit);

/// <summary>An answer that can contain anything.</summary>
public sealed record Anything(object Value);

/// <summary>An answer whose members only its converter knows.</summary>
[JsonConverter(typeof(EnvelopeConverter))]
public sealed record Envelope(Customer Inside);

public sealed class EnvelopeConverter : JsonConverter<Envelope>
{
    public override Envelope Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, Envelope value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("mail", value.Inside.Email);
        writer.WriteEndObject();
    }
}

public sealed record ShowAnything(bool IsText) : IQuery<Anything>;

public sealed record ShowEnvelope : IQuery<Envelope>;

public sealed record ShowVip : IQuery<VipCustomer>;

public sealed record FindCustomer(Guid Id) : IQuery<Customer?>;

public sealed record ListCustomers : IQuery<CustomerPage>;

public sealed class CustomerProjection : Projection<Guid, Customer>
{
    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<Guid> keys) =>
        keys.Add(Guid.Parse(recorded.Stream.Key));

    protected internal override Customer? Fold(Guid key, Customer? document, RecordedEvent recorded) =>
        new(key, ((AccountOpened)recorded.Data).Owner, null, null, 0);
}

[JsonSerializable(typeof(Customer))]
[JsonSerializable(typeof(CustomerPage))]
[JsonSerializable(typeof(FindCustomer))]
[JsonSerializable(typeof(ListCustomers))]
[JsonSerializable(typeof(VipCustomer))]
[JsonSerializable(typeof(Anything))]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(ShowAnything))]
[JsonSerializable(typeof(ShowEnvelope))]
[JsonSerializable(typeof(ShowVip))]
[JsonSerializable(typeof(string))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
public sealed partial class CustomerJson : JsonSerializerContext;

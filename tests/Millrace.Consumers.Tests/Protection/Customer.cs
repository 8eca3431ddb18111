using System.Text.Json.Serialization;
using Millrace.Storage;

namespace Millrace.Tests.Protection;

public sealed record Registered(string Id, string Email, string Phone);

public sealed record Moved(string Id, string Address);

public sealed record Reminded(string Id);

public sealed record Remind(string Id, string Email) : ICommand<Nothing>;

public sealed record CustomerState(string Email, string Address);

public sealed record CustomerView(string Id, string Email, int Changes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Registered))]
[JsonSerializable(typeof(Moved))]
[JsonSerializable(typeof(Reminded))]
[JsonSerializable(typeof(Remind))]
[JsonSerializable(typeof(CustomerState))]
[JsonSerializable(typeof(CustomerView))]
internal sealed partial class CustomerJson : JsonSerializerContext;

/// <summary>A customer with personal data, with snapshots.</summary>
public sealed class Customer : Aggregate<string>, ISnapshotable<CustomerState>
{
    public string Email { get; private set; } = "";

    public string Address { get; private set; } = "";

    public void Register(string email, string phone) => Raise(new Registered(Id, email, phone));

    public void Move(string address) => Raise(new Moved(Id, address));

    public CustomerState TakeSnapshot() => new(Email, Address);

    public void Restore(CustomerState state) => (Email, Address) = (state.Email, state.Address);

    protected override void Evolve(object @event)
    {
        if (@event is Registered registered)
            Email = registered.Email;
        else if (@event is Moved moved)
            Address = moved.Address;
    }
}

/// <summary>A read model with the e-mail address of each customer.</summary>
public sealed class CustomerProjection : Projection<string, CustomerView>
{
    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
        keys.Add(recorded.Data is Registered registered ? registered.Id : ((Moved)recorded.Data!).Id);

    protected internal override CustomerView? Fold(string key, CustomerView? document, RecordedEvent recorded) =>
        new(
            key,
            recorded.Data is Registered registered ? registered.Email : document?.Email ?? "",
            (document?.Changes ?? 0) + 1);
}

/// <summary>The hand-written model of the tests of encrypted applications.</summary>
internal static class CustomerModel
{
    public static AggregateDefinition<Customer, string> Aggregate(int? snapshotEvery = null) =>
        new("customer", () => new Customer())
        {
            ParseId = key => key,
            Snapshot = snapshotEvery is { } every
                ? new AggregateSnapshot<Customer, CustomerState>(1, every, CustomerJson.Default.CustomerState)
                : null,
        };

    public static void Register(ModelBuilder model, Action<string> remind) => model
        .Event("customer.registered", 1, CustomerJson.Default.Registered)
        .Event("customer.moved", 1, CustomerJson.Default.Moved)
        .Event("customer.reminded", 1, CustomerJson.Default.Reminded)
        .Protect("customer.registered", new ProtectedMember("/email"), new ProtectedMember("/phone"))
        .Protect("customer.moved", new ProtectedMember("/address"))
        .ProtectReadModel(
            "customers", new ProtectedMember("/email") { Subject = "/id", SubjectType = "customer" })
        .Projection(new ProjectionDefinition<string, CustomerView>
        {
            Name = "customers",
            Events = [typeof(Registered), typeof(Moved)],
            Create = static () => new CustomerProjection(),
            Document = CustomerJson.Default.CustomerView,
            Fields =
            [
                new("email", FieldKind.Text, static view => view.Email),
                new("changes", FieldKind.Integer, static view => view.Changes),
            ],
        })
        .Command(new CommandDefinition<Remind, Nothing>("remind", (command, context, _) =>
        {
            remind(command.Email);
            context.Append(new StreamId("reminders"), ExpectedVersion.Any, new Reminded(command.Id));
            return new(default(Nothing));
        }))
        .Json(CustomerJson.Default);
}

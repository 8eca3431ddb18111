using System.Text.Json.Serialization;
using Millrace.Storage;

namespace Millrace.Tests.Erasing;

public sealed record PersonRegistered(string Name, string Email, int Age);

public sealed record PersonMoved(string City);

public sealed record PersonRated(int Stars);

public sealed record PersonDocument(string Id, string Name, string City, int Changes);

public sealed record PersonState(string Name, string City);

public sealed record MovePerson(int Person, string City) : ICommand;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PersonRegistered))]
[JsonSerializable(typeof(PersonMoved))]
[JsonSerializable(typeof(PersonRated))]
[JsonSerializable(typeof(PersonDocument))]
[JsonSerializable(typeof(PersonState))]
[JsonSerializable(typeof(MovePerson))]
internal sealed partial class PeopleJson : JsonSerializerContext;

/// <summary>A person with a snapshot after every second event.</summary>
public sealed class Person : Aggregate<int>, ISnapshotable<PersonState>
{
    public string Name { get; private set; } = "";

    public string City { get; private set; } = "";

    public void Move(string city) => Raise(new PersonMoved(city));

    public void Rate(int stars) => Raise(new PersonRated(stars));

    public PersonState TakeSnapshot() => new(Name, City);

    public void Restore(PersonState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        (Name, City) = (state.Name, state.City);
    }

    protected override void Evolve(object @event)
    {
        switch (@event)
        {
            case PersonRegistered registered:
                Name = registered.Name;
                break;
            case PersonMoved moved:
                City = moved.City;
                break;
        }
    }
}

/// <summary>A projection with one document per person.</summary>
public sealed class PeopleProjection : Projection<string, PersonDocument>
{
    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(keys);
        keys.Add(recorded.Stream.Key);
    }

    protected internal override PersonDocument? Fold(string key, PersonDocument? document, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        var before = document ?? new PersonDocument(key, "", "", 0);
        return recorded.Data switch
        {
            PersonRegistered registered => before with { Name = registered.Name, Changes = before.Changes + 1 },
            PersonMoved moved => before with { City = moved.City, Changes = before.Changes + 1 },
            _ => before,
        };
    }
}

/// <summary>The model of these tests. Version 1 of the first event had one name in other words.</summary>
internal static class People
{
    public static ProjectionDefinition<string, PersonDocument> Projection { get; } = new()
    {
        Name = "people",
        Events = [typeof(PersonRegistered), typeof(PersonMoved)],
        Create = static () => new PeopleProjection(),
        Document = PeopleJson.Default.PersonDocument,
        Fields =
        [
            new("changes", FieldKind.Integer, static person => person.Changes),
            new("name", FieldKind.Text, static person => person.Name),
            new("city", FieldKind.Text, static person => person.City.Length == 0 ? null : person.City),
        ],
    };

    public static ProtectedMember[] RegisteredMembers { get; } =
    [
        new("/name"),
        new("/fullName"),
        new("/email") { Kind = "contact" },
        new("/age") { ErasedJson = "0" },
    ];

    public static void Register(ModelBuilder model) => model
        .Event("person.registered", 2, PeopleJson.Default.PersonRegistered)
        .Event("person.moved", 1, PeopleJson.Default.PersonMoved)
        .Event("person.rated", 1, PeopleJson.Default.PersonRated)
        .Upcast("person.registered", 1, old => new PersonRegistered(
            old["fullName"]!.GetValue<string>().ToUpperInvariant(), "", 0))
        .Aggregate(new AggregateDefinition<Person, int>("person", static () => new Person())
        {
            Snapshot = new AggregateSnapshot<Person, PersonState>(1, every: 2, PeopleJson.Default.PersonState),
        })
        .Command(new CommandDefinition<MovePerson, Nothing>("move-person", static async (command, context, cancel) =>
        {
            (await context.Load<Person, int>(command.Person, cancel)).Move(command.City);
            return default;
        }))
        .Json(PeopleJson.Default)
        .Projection(Projection)
        .Protect("person.registered", RegisteredMembers)
        .Protect("person.moved", new ProtectedMember("/city"))
        .Protect("person.imported", new ProtectedMember("/name"), new ProtectedMember("/city"))
        .ProtectReadModel(
            "people",
            new ProtectedMember("/name") { Subject = "/id", SubjectType = "person" },
            new ProtectedMember("/city") { Subject = "/id", SubjectType = "person" });
}

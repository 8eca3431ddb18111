using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Millrace.Protection;

namespace Millrace.Messaging.Tests;

public sealed record RegisterPerson(string Person, string? Name) : ICommand<PersonAnswer>;

public sealed record PersonAnswer(string Person, string? Name, int Number);

public sealed record NameOf(string Person) : IQuery<PersonAnswer>;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RegisterPerson))]
[JsonSerializable(typeof(PersonAnswer))]
[JsonSerializable(typeof(NameOf))]
internal sealed partial class PersonJson : JsonSerializerContext;

/// <summary>A model with marked commands and answers, and the keys of its services.</summary>
internal sealed class Persons : IDisposable
{
    public const string Name = "MarkerPerson1815";

    private readonly ECDsa _certificates = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly InMemoryMasterKey _master = new();
    private int _handled;

    public InMemoryKeyStore Keys { get; } = new();

    /// <summary>Gets the number of handled commands.</summary>
    public int Handled => Volatile.Read(ref _handled);

    /// <summary>Gets or sets the name that the answer of a query contains.</summary>
    public PersonAnswer Found { get; set; } = new("7", Name, 1);

    public void Dispose() => _certificates.Dispose();

    public void UseKeys(MillraceBuilder millrace) =>
        millrace
            .UseKeys(_ => Keys, options => options.MasterKey = _master)
            .AddErasures(options =>
            {
                options.PrivateKeyPem = _certificates.ExportPkcs8PrivateKeyPem();
                options.SettleTime = TimeSpan.Zero;
            });

    /// <summary>Registers the handlers.</summary>
    public void Register(ModelBuilder model) =>
        model
            .Command(new CommandDefinition<RegisterPerson, PersonAnswer>("register-person", Handle))
            .Query(new QueryDefinition<NameOf, PersonAnswer>("name-of", (_, _, _) => new(Found)))
            .Json(PersonJson.Default);

    /// <summary>Marks the names in commands and answers.</summary>
    public static void Mark(ModelBuilder model)
    {
        var name = new ProtectedMember("/name") { Subject = "/person", SubjectType = "person" };
        model.ProtectMessage<RegisterPerson>(name).ProtectMessage<PersonAnswer>(name);
    }

    public static async Task Erase(Node node, string person)
    {
        await node.Erasures.Request(
            new ErasureRequest($"e-{person}", $"person-{person}", "asked by letter", "officer"));
        await node.Erasures.Approve($"e-{person}", "lawyer");
        await node.Erasures.CarryOut($"e-{person}");
    }

    private ValueTask<PersonAnswer> Handle(
        RegisterPerson command, CommandContext context, CancellationToken cancellationToken)
    {
        if (command.Person == "nobody")
            throw new InvariantViolatedException("person", "known", $"{command.Name} is not known.");
        var number = Interlocked.Increment(ref _handled);
        context.Append(new StreamId($"number-{number}"), ExpectedVersion.Any, new Paid("1"));
        return new(new PersonAnswer(command.Person, command.Name, number));
    }
}

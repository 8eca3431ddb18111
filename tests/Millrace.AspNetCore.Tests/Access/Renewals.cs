using System.Text.Json.Serialization;

namespace Millrace.AspNetCore.Tests.Access;

/// <summary>A command whose answer is a document of a read model.</summary>
public sealed class Renewals : IModel
{
    public static void Register(ModelBuilder model) => model
        .Command(new CommandDefinition<RenewLoans, ReaderLoans>(
            "renew-loans", (command, _, _) => new(new ReaderLoans(command.Reader, 7))))
        .Json(RenewalJson.Default);
}

public sealed record RenewLoans(string Reader) : ICommand<ReaderLoans>;

[JsonSerializable(typeof(RenewLoans))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
public sealed partial class RenewalJson : JsonSerializerContext;

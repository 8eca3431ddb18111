using System.Text.Json.Serialization;
using Millrace.Protection;

namespace Millrace.TestSupport.Messaging;

/// <summary>A command of another service, in a project without a model.</summary>
public sealed record ShipParcel(
    string Customer,
    [PersonalData(Subject = nameof(ShipParcel.Customer), SubjectType = "customer")] string Address,
    [property: Secret] string? Code) : ICommand<ShippedParcel>;

public sealed record ShippedParcel(
    string Customer,
    [PersonalData(Subject = nameof(ShippedParcel.Customer), SubjectType = "customer")] string? Address);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShipParcel))]
[JsonSerializable(typeof(ShippedParcel))]
internal sealed partial class ParcelJson : JsonSerializerContext;

/// <summary>The service that handles the command, with a hand-written model, and the keys of all services.</summary>
internal sealed class Parcels
{
    private readonly InMemoryMasterKey _master = new();

    public InMemoryKeyStore Keys { get; } = new();

    public void UseKeys(MillraceBuilder millrace) =>
        millrace.UseKeys(_ => Keys, options => options.MasterKey = _master);

    public static void Register(ModelBuilder model)
    {
        var address = new ProtectedMember("/address") { Subject = "/customer", SubjectType = "customer" };
        var code = new ProtectedMember("/code") { IsSecret = true, Kind = "secret" };
        RegisterUnmarked(model.ProtectMessage<ShipParcel>(address, code).ProtectMessage<ShippedParcel>(address));
    }

    /// <summary>Registers the command without the marks of its members.</summary>
    public static void RegisterUnmarked(ModelBuilder model) =>
        model
            .Command(new CommandDefinition<ShipParcel, ShippedParcel>(
                "ship-parcel",
                static (command, context, _) =>
                {
                    context.Append(new StreamId($"parcel-{command.Customer}"), ExpectedVersion.Any, new Paid("1"));
                    return new(new ShippedParcel(command.Customer, command.Address));
                }))
            .Json(ParcelJson.Default);
}

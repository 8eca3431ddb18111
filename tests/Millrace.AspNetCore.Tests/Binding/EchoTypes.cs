using Microsoft.AspNetCore.Builder;

namespace Millrace.AspNetCore.Tests.Binding;

/// <summary>A type whose values both Millrace and minimal API return.</summary>
/// <param name="Name">The name of the type in routes.</param>
/// <param name="Type">The type.</param>
/// <param name="Register">Adds the query and the command of the type to the model.</param>
/// <param name="Map">Maps the endpoints of Millrace and of minimal API.</param>
public sealed record EchoType(string Name, Type Type, Action<ModelBuilder> Register, Action<WebApplication> Map)
{
    public Type Inner => Nullable.GetUnderlyingType(Type) ?? Type;

    public bool IsNullable => Nullable.GetUnderlyingType(Type) is not null;

    public override string ToString() => Name;
}

/// <summary>All types that a route or a query string can contain.</summary>
public static class EchoTypes
{
    public static List<EchoType> All { get; } =
    [
        Of<string>("string", (string? x) => EchoText.Of(x)),
        Of<Uri>("uri", (Uri? x) => EchoText.Of(x)),
        .. Struct<char>("char"),
        .. Struct<bool>("bool"),
        .. Struct<sbyte>("sbyte"),
        .. Struct<byte>("byte"),
        .. Struct<short>("short"),
        .. Struct<ushort>("ushort"),
        .. Struct<int>("int"),
        .. Struct<uint>("uint"),
        .. Struct<long>("long"),
        .. Struct<ulong>("ulong"),
        .. Struct<Int128>("int128"),
        .. Struct<UInt128>("uint128"),
        .. Struct<Half>("half"),
        .. Struct<float>("float"),
        .. Struct<double>("double"),
        .. Struct<decimal>("decimal"),
        .. Struct<Guid>("guid"),
        .. Struct<DateTime>("datetime"),
        .. Struct<DateTimeOffset>("datetimeoffset"),
        .. Struct<DateOnly>("dateonly"),
        .. Struct<TimeOnly>("timeonly"),
        .. Struct<TimeSpan>("timespan"),
        .. Struct<DayOfWeek>("dayofweek"),
        .. Struct<Grade>("grade"),
        .. Struct<Access>("access"),
        .. Struct<Sku>("sku"),
        .. Struct<TicketNumber>("ticket"),
        .. Struct<ParcelId>("parcel"),
        .. Struct<Price>("price"),
    ];

    /// <summary>Gets the types of lists, which only a query string can contain.</summary>
    public static List<EchoType> Lists { get; } =
    [
        List<string>("strings", (string[] x) => EchoText.Of(x)),
        List<int>("ints", (int[] x) => EchoText.Of(x)),
        List<int?>("nullableInts", (int?[] x) => EchoText.Of(x)),
        List<DayOfWeek>("days", (DayOfWeek[] x) => EchoText.Of(x)),
        List<Guid>("guids", (Guid[] x) => EchoText.Of(x)),
        List<DateOnly?>("nullableDates", (DateOnly?[] x) => EchoText.Of(x)),
        List<Sku>("skus", (Sku[] x) => EchoText.Of(x)),
    ];

    private static IEnumerable<EchoType> Struct<T>(string name)
        where T : struct =>
        [Of<T>(name, (T x) => EchoText.Of(x)), Of<T?>(name + "OrNull", (T? x) => EchoText.Of(x))];

    private static EchoType Of<T>(string name, Delegate echo) =>
        new(
            name,
            typeof(T),
            model =>
                model
                    .Query(
                        new QueryDefinition<Echo<T>, string>($"echo-{name}", (query, _, _) => new(EchoText.Of(query.X)))
                    )
                    .Command(
                        new CommandDefinition<EchoBody<T>, string>(
                            $"send-{name}", (command, _, _) => new(EchoText.Of(command.X)))),
            app =>
            {
                app.MapQuery<Echo<T>>($"/millrace/query/{name}");
                app.MapQuery<Echo<T>>($"/millrace/route/{name}/{{x}}").WithName($"echo-{name}-in-route");
                app.MapCommand<EchoBody<T>>($"/millrace/body/{name}");
                app.MapGet($"/minimal/query/{name}", echo);
                app.MapPost($"/minimal/body/{name}", (EchoBody<T> body) => EchoText.Of(body.X));
                app.MapGet($"/minimal/route/{name}/{{x}}", echo);
            }
        );

    private static EchoType List<T>(string name, Delegate echo) =>
        new(
            name,
            typeof(T[]),
            model =>
                model.Query(
                    new QueryDefinition<EchoList<T>, string>($"echo-{name}", (query, _, _) => new(EchoText.Of(query.X)))
                ),
            app =>
            {
                app.MapQuery<EchoList<T>>($"/millrace/query/{name}");
                app.MapGet($"/minimal/query/{name}", echo);
            }
        );
}

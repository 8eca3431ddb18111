using System.Globalization;

namespace CardPayments;

/// <summary>The options of the command line.</summary>
public sealed record CardPaymentsOptions
{
    public const string Usage = """
        A service that takes money from cards, for the Millrace shop.

          --data DIR        the directory of its store (default ./data); an existing store is used
          --port N          the port on 127.0.0.1 (default 8090; 0 for any)
          --webhook URL     receives the results of charges, such as http://127.0.0.1:8080/api/payments/webhook
          --delay SECONDS   the delay of each request
          --fail SHARE      the share of requests that fail, from 0 to 1
          --help            this text

        The environment variable CARD_PAYMENTS_SECRET contains the secret that signs webhooks. If CARD_PAYMENTS_DATABASE
        contains a PostgreSQL database, the store is kept there. Cards that end in 0002 and 9995 are refused. 3220 is
        accepted and 3063 refused after two seconds. All others are accepted immediately.
        """;

    /// <summary>The environment variable with the secret that signs webhooks.</summary>
    public const string SecretVariable = "CARD_PAYMENTS_SECRET";

    /// <summary>The environment variable with the connection string of a PostgreSQL database.</summary>
    public const string DatabaseVariable = "CARD_PAYMENTS_DATABASE";

    public string Data { get; init; } = "./data";

    /// <summary>The PostgreSQL database of the store, in its own schemas; null for a file in <see
    /// cref="Data"/>.</summary>
    public string? Database { get; init; } =
        Environment.GetEnvironmentVariable(DatabaseVariable) is { Length: > 0 } found ? found : null;

    public int Port { get; init; } = 8090;

    public Uri? Webhook { get; init; }

    public string Secret { get; init; } = Environment.GetEnvironmentVariable(SecretVariable) ?? "";

    public Faults.FaultSettings FaultSettings { get; init; } = Faults.FaultSettings.None;

    /// <summary>
    /// True when another program started this program, which then stops when its standard input closes.
    /// </summary>
    public bool EndsWithInput { get; init; }

    public bool IsHelp { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">The arguments do not match <see cref="Usage"/>.</exception>
    public static CardPaymentsOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new CardPaymentsOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() =>
                ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value.");
            options = name switch
            {
                "--data" => options with { Data = Value() },
                "--port" => options with { Port = (int)Number(name, Value(), 65_535) },
                "--webhook" => options with { Webhook = Address(Value()) },
                "--delay" => options with
                {
                    FaultSettings = options.FaultSettings with
                    {
                        Delay = TimeSpan.FromSeconds(Number(name, Value(), 60)),
                    },
                },
                "--fail" => options with
                {
                    FaultSettings = options.FaultSettings with { FailShare = Number(name, Value(), 1) },
                },
                "--until-input-ends" => options with { EndsWithInput = true },
                "--help" or "-h" => options with { IsHelp = true },
                _ => throw new ArgumentException($"{name} is not an option."),
            };
        }
        return options;
    }

    private static double Number(string name, string text, double max) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && number <= max
            ? number
            : throw new ArgumentException($"{name} needs a number from 0 to {max}, not '{text}'.");

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new ArgumentException($"--webhook needs an http or https address, not '{text}'.");
}

using System.Globalization;

namespace CardPayments;

/// <summary>What the program was asked for.</summary>
public sealed record CardPaymentsOptions
{
    public const string Usage = """
        A service that takes money from cards, for the Millrace shop.

          --data DIR        where its store is kept (default ./data); what is there is gone on with
          --port N          the port on 127.0.0.1 (default 8090; 0 for any)
          --webhook URL     who is told what became of charges, such as http://127.0.0.1:8080/api/payments/webhook
          --delay SECONDS   how long each request waits
          --fail SHARE      the share of requests that fail, from 0 to 1
          --help            this text

        The secret that signs webhooks is in the environment's variable CARD_PAYMENTS_SECRET; with a PostgreSQL database in
        CARD_PAYMENTS_DATABASE the store is kept there. Cards that end in 0002 and 9995 are
        refused, 3220 is taken and 3063 refused after two seconds; all others are taken at once.
        """;

    /// <summary>The environment's variable with the secret that signs webhooks.</summary>
    public const string SecretVariable = "CARD_PAYMENTS_SECRET";

    /// <summary>The environment's variable with a PostgreSQL database.</summary>
    public const string DatabaseVariable = "CARD_PAYMENTS_DATABASE";

    public string Data { get; init; } = "./data";

    /// <summary>A PostgreSQL database to keep the store in, in schemas of its own; null for
    /// a file in <see cref="Data"/>.</summary>
    public string? Database { get; init; } =
        Environment.GetEnvironmentVariable(DatabaseVariable) is { Length: > 0 } found ? found : null;

    public int Port { get; init; } = 8090;

    public Uri? Webhook { get; init; }

    public string Secret { get; init; } = Environment.GetEnvironmentVariable(SecretVariable) ?? "";

    public Faults.FaultSettings FaultSettings { get; init; } = Faults.FaultSettings.None;

    /// <summary>Whether another program started this one, which ends when its standard input does.</summary>
    public bool EndsWithInput { get; init; }

    public bool IsHelp { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It is not as <see cref="Usage"/> says.</exception>
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

    private static double Number(string name, string text, double most) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && number <= most
            ? number
            : throw new ArgumentException($"{name} needs a number from 0 to {most}, not '{text}'.");

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new ArgumentException($"--webhook needs the address of a page, not '{text}'.");
}

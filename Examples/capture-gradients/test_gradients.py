"""Tests of what is captured, against closed forms: python -m unittest, a minute on a CPU."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from gradients import PIECE_ELEMENTS, GradientCapture, Squares, checkpoint_gradients, sums_of_squares
from naming import ParameterNaming
from networks import (
    COSINE_DISTANCE,
    KL_DIVERGENCE,
    MEAN_SQUARE_ERROR,
    Loss,
    Network,
    Score,
    embedding_score,
    language_score,
    output_score,
)
from vectors import combine


def linear(outputs: int, inputs: int, seed: int) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(inputs, outputs, bias=False)


def network(
    module: nn.Module, values: Tensor, score: Callable[[Tensor, torch.Generator], Score], loss: Loss
) -> Network:
    """A network with one input as often as anyone asks for it."""

    class Repeated(list[Tensor]):
        def __getitem__(self, _: Any) -> Any:
            return values

    return Network("test", module, Repeated(), lambda m, x, g: score(m(x), g), loss)


def mean_squares(network: Network, draws: int, seed: int = 1) -> Squares:
    capture = GradientCapture(network, ParameterNaming())
    return mean([capture.squares(number, seed)["weight"] for number in range(draws)])


def mean(squares: list[Squares]) -> Squares:
    combined = combine(squares, clip=0)
    return Squares(combined.rows, combined.columns)


class GradientTests(unittest.TestCase):
    def test_a_sequence_of_a_linear_model_has_the_gradient_of_its_drawn_labels(self) -> None:
        module, values = linear(5, 3, seed=1), torch.randn(7, 3)
        drawn: list[Tensor] = []

        def score(logits: Tensor, generator: torch.Generator) -> Score:
            made = language_score(logits, generator)
            logits.register_hook(drawn.append)
            return made

        squares = mean_squares(network(module, values, score, KL_DIVERGENCE), draws=1)
        # The gradient by the logits is the drawn label less the probabilities.
        by_logits = drawn[0]
        labels = (by_logits + functional.softmax(module(values), dim=-1)).detach()
        self.assertTrue(torch.allclose(labels.sum(1), torch.ones(7), atol=1e-5))
        self.assertTrue(torch.allclose(labels.max(1).values, torch.ones(7), atol=1e-5))
        gradient = (by_logits.T @ values).double()
        self.assertTrue(torch.allclose(squares.rows[0], gradient.square().sum(1) / 7, rtol=1e-5))
        self.assertTrue(torch.allclose(squares.columns[0], gradient.square().sum(0) / 7, rtol=1e-5))

    def test_the_mean_over_draws_is_the_fisher_information(self) -> None:
        for seed in (1, 2):
            module, values = linear(4, 3, seed), torch.randn(6, 3)
            squares = mean_squares(network(module, values, language_score, KL_DIVERGENCE), draws=1500)
            chances = functional.softmax(module(values), dim=-1).detach()
            fisher = ((chances * (1 - chances)).T @ values.square()) / 6
            self.assertTrue(torch.allclose(squares.rows[0].float(), fisher.sum(1), rtol=0.15))
            self.assertTrue(torch.allclose(squares.columns[0].float(), fisher.sum(0), rtol=0.15))

    def check_loss(self, score: Any, loss: Loss, measured: Callable[[Tensor, Tensor], Tensor], seed: int) -> None:
        """Compares half the sum of squares, times a small change's square, with what that change costs at the end."""
        module, values = linear(5, 4, seed), torch.randn(1, 4)
        squares = mean_squares(network(module, values, score, loss), draws=2000)
        clean, step = module(values)[0].double().detach(), 0.01
        rows, columns = torch.zeros(5), torch.zeros(4)
        for i in range(5):
            for j in range(4):
                weight = module.weight.detach().double().clone()
                weight[i, j] += step
                cost = measured(clean, (values.double() @ weight.T)[0])
                rows[i] += 2 * cost / step**2
                columns[j] += 2 * cost / step**2
        self.assertTrue(torch.allclose(squares.rows[0].float(), rows, rtol=0.15), (squares.rows, rows))
        self.assertTrue(torch.allclose(squares.columns[0].float(), columns, rtol=0.15), (squares.columns, columns))

    def test_half_the_squares_times_a_change_squared_is_the_divergence_of_a_language_model(self) -> None:
        def divergence(clean: Tensor, changed: Tensor) -> Tensor:
            return functional.kl_div(changed.log_softmax(-1), clean.log_softmax(-1), log_target=True, reduction="sum")

        self.check_loss(language_score, KL_DIVERGENCE, divergence, seed=3)

    def test_half_the_squares_times_a_change_squared_is_the_cosine_distance_of_an_encoder(self) -> None:
        self.check_loss(
            embedding_score, COSINE_DISTANCE, lambda a, b: 1 - functional.cosine_similarity(a, b, dim=0), seed=4
        )

    def test_half_the_squares_times_a_change_squared_is_the_mean_square_error_of_an_output(self) -> None:
        self.check_loss(output_score, MEAN_SQUARE_ERROR, lambda a, b: (a - b).square().mean(), seed=5)

    def test_no_gradient_is_kept(self) -> None:
        module = linear(4, 3, seed=1)
        capture = GradientCapture(network(module, torch.randn(2, 3), language_score, KL_DIVERGENCE), ParameterNaming())
        capture.squares(0, 1)
        self.assertIsNone(module.weight.grad)

    def test_the_draws_follow_from_the_seed_and_the_number(self) -> None:
        capture = GradientCapture(
            network(linear(4, 3, seed=1), torch.randn(2, 3), language_score, KL_DIVERGENCE), ParameterNaming()
        )
        first, again = capture.squares(3, 1)["weight"], capture.squares(3, 1)["weight"]
        self.assertTrue(torch.equal(first.rows, again.rows) and torch.equal(first.columns, again.columns))
        for number, seed in ((4, 1), (3, 2)):
            self.assertFalse(torch.equal(first.rows, capture.squares(number, seed)["weight"].rows))

    def test_a_gradient_that_is_not_finite_is_an_error(self) -> None:
        module = linear(4, 3, seed=1)
        infinite = network(module, torch.full((1, 3), 1e30), output_score, MEAN_SQUARE_ERROR)
        with self.assertRaisesRegex(ValueError, "not finite"):
            GradientCapture(infinite, ParameterNaming()).squares(0, 1)

    def test_sums_in_pieces_are_those_of_the_whole(self) -> None:
        gradient = torch.randn(3, PIECE_ELEMENTS // 2)
        squares = sums_of_squares(gradient)
        self.assertTrue(torch.allclose(squares.rows, gradient.double().square().sum(1), rtol=1e-4))
        self.assertTrue(torch.allclose(squares.columns, gradient.double().square().sum(0), rtol=1e-4))

    def test_checkpointing_changes_nothing(self) -> None:
        transformers: Any = __import__("transformers")
        config = transformers.LlamaConfig(
            vocab_size=32,
            hidden_size=16,
            intermediate_size=24,
            num_hidden_layers=2,
            num_attention_heads=2,
            attention_dropout=0.5,
        )
        torch.manual_seed(1)
        module = transformers.LlamaForCausalLM(config).eval()
        ids = torch.arange(12)[None]

        def score(module: Any, values: Tensor, generator: torch.Generator) -> Score:
            return language_score(module(input_ids=values, use_cache=False).logits, generator)

        made = Network("tiny", module, [ids], score, KL_DIVERGENCE)
        capture = GradientCapture(made, ParameterNaming())
        plain = capture.squares(0, 1)
        checkpoint_gradients(module)
        again = capture.squares(0, 1)
        self.assertEqual(plain.keys(), again.keys())
        for name in plain:
            self.assertGreater(plain[name].rows.sum().item(), 0)
            self.assertTrue(torch.allclose(plain[name].rows, again[name].rows, rtol=1e-4), name)


class CombinationTests(unittest.TestCase):
    def squares(self, *sizes: float) -> list[Squares]:
        return [
            Squares(torch.tensor([[size, 0.0]]).double(), torch.tensor([[size / 2, size / 2]]).double())
            for size in sizes
        ]

    def test_an_outlier_counts_three_medians(self) -> None:
        combined = combine(self.squares(1, 2, 3, 4, 1000), clip=3)
        self.assertAlmostEqual(combined.rows[0, 0].item(), (1 + 2 + 3 + 4 + 9) / 5)
        self.assertAlmostEqual(combined.columns[0, 1].item(), (1 + 2 + 3 + 4 + 9) / 10)
        self.assertEqual(combined.clipped, 1)
        self.assertAlmostEqual(combine(self.squares(1, 2, 3, 4, 1000), clip=0).rows[0, 0].item(), 1010 / 5)

    def test_sequences_that_nothing_reached_have_no_part_in_the_median(self) -> None:
        combined = combine(self.squares(0, 0, 0, 2, 4), clip=3)
        self.assertAlmostEqual(combined.rows[0, 0].item(), 6 / 5)
        self.assertEqual(combined.counts.tolist(), [2])


if __name__ == "__main__":
    unittest.main()
